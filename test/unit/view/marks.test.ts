import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Figure, FigureProcess } from '../../../src/figure/figure.js';
import { firstLine, marksOf } from '../../../src/view/page/marks.js';

const FOLDER = new URL('../../../src/tutorial/lessons/', import.meta.url);
const lesson = (number: number) => {
  const name = readdirSync(FOLDER).find((file) => file.startsWith(`${number}-`)) ?? '';
  return readFileSync(new URL(name, FOLDER), 'utf8');
};
const LISTENING = { pid: 10, fd: 17 };
const CONNECTION = { local: '127.0.0.1:80', peer: '127.0.0.1:4000', inode: 2, holders: [{ pid: 10, fd: 18 }] };

function figure(process: Partial<FigureProcess>, connections: Figure['connections'] = []): Figure {
  const listener = { address: '0.0.0.0:80', inode: 1, holders: [LISTENING], queued: 0, backlog: 511, waiting: [] };
  return {
    time: 1,
    processes: [{ pid: 10, start: 1, parent: 1, name: 'node', state: 'sleeping', waitsIn: null, ...process }],
    listeners: [{ ...listener, proof: null }],
    connections,
    files: [],
    notes: [],
  };
}

/** The lines' text, with a question mark where the process may be in another one. */
function marked(number: number, seen: Figure): string[] {
  const lines = lesson(number).split('\n');
  return marksOf(lesson(number), seen).map(
    ({ line, perhaps }) => `${perhaps.length > 0 ? '? ' : ''}${lines[line]?.trim()}`,
  );
}

const prints = (text: string) => ({ waitsIn: 'write(1)', prints: text });

test.each([
  [1, prints('# a socket listens on port 80; its file descriptor is\n'), 'a socket listens on port'],
  [1, prints('# 80 portで待ち受けるソケットを開きました。そのfdは\n'), 'portで待ち受ける'],
  [1, prints('17\n'), 'puts(listening.fd);'],
  [2, prints('17\n'), 'puts(listening.fd);'],
  [2, prints('18\n'), 'puts(socket.fd);'],
  [2, prints('# in another terminal: telnet localhost 80\n'), 'sayWhereToConnect(listening, say);'],
  [2, { waitsIn: 'accept4(17)' }, 'const socket = accept(listening.fd);'],
  [3, prints('some line\n'), 'puts(line);'],
  [4, prints('accepting...\n'), "puts('accepting...');"],
  [5, prints('forked child process: 12\n'), 'puts(`forked child process: '],
  [5, prints('# child 12 has ended with status 0\n'), 'waitall(workers, say);'],
  [6, { waitsIn: 'wait4' }, 'waitall(workers, say);'],
  [8, prints('Parent 10 read: line 1\n'), ' read: '],
  [9, prints('# killed the parent 12\n'), 'killed the parent'],
])('lesson %i, %o: it is in one line', (number, process, line) => {
  expect(marked(number, figure(process))).toEqual([expect.stringContaining(line)]);
});

test.each([3, 4, 7])('lesson %i: a read from a client is where its lines are read', (number) => {
  const found = marked(number, figure({ waitsIn: 'read(18)' }, [CONNECTION]));
  expect(found).toEqual([expect.stringContaining('input.gets()')]);
});

test('what may be in several lines is not said to be in one', () => {
  expect(marked(4, figure({ waitsIn: 'read(18)' }))).toEqual(['? first.gets();', '? second.gets();']);
});

test('a process that has ended, or does something else, is in no line', () => {
  expect(marked(7, figure({ waitsIn: 'wait4', state: 'zombie' }))).toEqual([]);
  expect(marked(7, figure({ waitsIn: 'futex' }))).toEqual([]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('lesson %i is shown from behind its imports and title on', (number) => {
  const lines = lesson(number).split('\n');
  expect(lines[firstLine(lines)]).toMatch(/^(export function run|const [A-Z]+ =)/);
});
