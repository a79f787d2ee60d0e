import { expect, test } from 'vitest';
import {
  type DescriptionView,
  type Holder,
  type Inspection,
  type ProcessView,
  renderDot,
  renderSvg,
  renderText,
} from '../../../src/inspect/index.js';
import { branchesOf } from '../../../src/inspect/text.js';
import { treeOf } from '../../../src/proc/tree.js';
import { columnsOf, cut } from '../../../src/util/columns.js';

const LISTENING = {
  state: 'LISTEN',
  local: '127.0.0.1:12345',
  peer: null,
  inode: 8,
  peerInode: null,
  peerClosed: false,
  peerHolders: [],
  receiveQueue: null,
  sendQueue: null,
  queued: 1,
  backlog: 511,
  waiting: ['127.0.0.1:40988'],
};

const CONNECTED = {
  ...LISTENING,
  state: 'CONNECTED',
  local: '',
  queued: null,
  backlog: null,
  waiting: [],
  receiveQueue: 5,
};

function process_(pid: number, parent: number, more: Partial<ProcessView> = {}): ProcessView {
  const main = { tid: pid, name: 'node', state: 'sleeping', waitsIn: 'accept4(4)' };
  const others = [1, 2].map((n) => ({ tid: pid + n, name: 'node', state: 'sleeping', waitsIn: 'futex' }));
  return {
    pid,
    parent,
    name: 'node',
    command: 'node server.js',
    state: 'sleeping',
    threads: [main, ...others],
    rss: 2 ** 20,
    pss: 2 ** 19,
    private: null,
    user: 0,
    role: null,
    descriptors: 3,
    ...more,
  };
}

function description(label: string, holders: readonly Holder[], more: Partial<DescriptionView> = {}): DescriptionView {
  const kind = label.split(' ')[0] ?? '';
  return { kind, label, holders, proof: 'kcmp', object: label, flags: ['O_RDWR'], offset: null, socket: null, ...more };
}

function held(pid: number, fd: number, closeOnExec = true): Holder {
  return { pid, fd, closeOnExec };
}

const SAMPLE: Inspection = {
  time: 0,
  processes: [process_(10, 1, { role: 'monitor' }), process_(11, 10), process_(12, 10, { descriptors: null })],
  descriptions: [
    description('tcp 127.0.0.1:12345 LISTEN', [held(10, 4), held(11, 4, false)], { socket: LISTENING }),
    description('file /tmp/<a> & "b" ]]>', [held(10, 5), held(10, 6)], { offset: 7, proof: 'inode' }),
    description('epoll of 4', [held(11, 7)]),
  ],
  notes: ['what is weaker'],
};

test('the text has a row for each description and a column for each process', () => {
  expect(renderText(SAMPLE).split('\n')).toEqual([
    'PROCESS  ROLE            STATE     THREADS      RSS      PSS  PRIVATE  WAITS IN',
    '10       monitor         sleeping        3  1.0 MiB  0.5 MiB        –  accept4(4); others: futex ×2',
    '├─ 11    node server.js  sleeping        3  1.0 MiB  0.5 MiB        –  accept4(4); others: futex ×2',
    '└─ 12    node server.js  sleeping        3  1.0 MiB  0.5 MiB        –  accept4(4); others: futex ×2',
    '',
    ' 10  11  12  OPEN FILE DESCRIPTION               QUEUE                              OFFSET  FLAGS',
    '  4   4   ?  tcp 127.0.0.1:12345 LISTEN          1 of 511 waiting: 127.0.0.1:40988          O_RDWR O_CLOEXEC (4 of 10)',
    '5,6       ?  file /tmp/<a> & "b" ]]> (by inode)                                          7  O_RDWR O_CLOEXEC',
    'and 1 that a process has for itself (epoll, eventfd, pipe …): --all shows them',
    '! what is weaker',
    '',
  ]);
});

test('close-on-exec is named by the number alone where that means it in every process', () => {
  const file = description('file /x', [held(10, 2, false), held(11, 2, false), held(10, 3), held(11, 3)]);
  expect(renderText({ ...SAMPLE, descriptions: [file] })).toMatch(/ O_RDWR O_CLOEXEC \(3\)$/m);
});

test('columns stand below each other whatever the script', () => {
  const files = ['/srv/説明', '/srv/e\u0301té', '/srv/🙂'].map((path, fd) =>
    description(`file ${path}`, [held(10, fd)]),
  );
  const [, ...rows] =
    renderText({ ...SAMPLE, descriptions: files })
      .split('\n\n')[1]
      ?.split('\n') ?? [];
  expect(rows.slice(0, 3)).toEqual([
    ' 0       ?  file /srv/説明                        O_RDWR O_CLOEXEC',
    ' 1       ?  file /srv/e\u0301té                         O_RDWR O_CLOEXEC',
    ' 2       ?  file /srv/🙂                          O_RDWR O_CLOEXEC',
  ]);
  expect(columnsOf('説明') + columnsOf('e\u0301té') + columnsOf('🙂')).toBe(9);
  expect(cut('説明書', 5)).toBe('説明…');
  expect(cut('説明書', 4)).toBe('説…');
});

test('what a thread waits in is not made up', () => {
  const unknown = { tid: 1, name: 'x', state: 'sleeping', waitsIn: null };
  const text = renderText({
    ...SAMPLE,
    processes: [process_(10, 1, { threads: [unknown, unknown] })],
    descriptions: [],
  });
  expect(text.split('\n')[1]).toMatch(/ –$/);
});

test('with all, also what a process has for itself', () => {
  const text = renderText(SAMPLE, { all: true });
  expect(text).toMatch(/^ +7 +\? +epoll of 4 +O_RDWR O_CLOEXEC$/m);
  expect(text).not.toContain('--all');
});

test('a process that holds one description by many descriptors does not widen its column', () => {
  const many = description(
    'file /x',
    Array.from({ length: 1000 }, (_, fd) => held(10, fd)),
  );
  expect(renderText({ ...SAMPLE, descriptions: [many] })).toMatch(/^0,1,2,… ×1000 +\? +file \/x +O_RDWR O_CLOEXEC$/m);
});

test('the tree goes down to grandchildren, each once, and its branches end at the last child', () => {
  const parents = new Map([
    [1, 0],
    [10, 1],
    [13, 10],
    [11, 10],
    [12, 11],
    [20, 1],
  ]);
  expect(treeOf([10], parents)).toEqual([10, 13, 11, 12]);
  expect(treeOf([12, 10, 20, 99], parents)).toEqual([10, 13, 11, 12, 20]);
  const processes = [10, 11, 12, 13, 20].map((pid) => ({ pid, parent: parents.get(pid) ?? 0 }));
  expect(branchesOf(processes)).toEqual(['', '├─ ', '│  └─ ', '└─ ', '']);
});

test("a torn reading, in which processes are each other's parents, ends", () => {
  const parents = new Map([
    [10, 11],
    [11, 10],
  ]);
  expect(treeOf([10], parents)).toEqual([10, 11]);
});

test('the SVG is well-formed, self-contained and drawn once for each descriptor', () => {
  const svg = renderSvg(SAMPLE);
  const open: string[] = [];
  for (const [, end, name = '', empty] of svg.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.replaceAll(/<[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  expect(svg).toContain('file /tmp/&lt;a&gt; &amp; "b" ]]&gt;');
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|href/);
  // Four descriptors and two descriptions, of which the shared socket's are marked.
  expect(svg.match(/<path/g)).toHaveLength(6);
  expect(svg.match(/<path class="shared"/g)).toHaveLength(3);
  expect(svg).toContain('prefers-color-scheme: dark');
});

test('the picture of nothing, and of more than can be drawn', () => {
  const none = { ...SAMPLE, processes: [process_(10, 1, { descriptors: 0 })], descriptions: [] };
  expect(renderSvg(none)).toContain('>10</text>');
  const file = (fd: number) => description(`file /${fd}`, [held(10, fd)]);
  const many = { ...SAMPLE, descriptions: Array.from({ length: 1000 }, (_, fd) => file(fd)) };
  expect(renderSvg(many)).toContain('not shown: 700 more');
});

test('the picture for Graphviz', () => {
  const dot = renderDot(SAMPLE);
  expect(dot).toContain('p10 [shape=record, label="{ 10\\nmonitor | { <fd4> 4 | <fd5> 5 | <fd6> 6 } }"];');
  expect(dot).toContain('o1 [shape=ellipse, label="file /tmp/<a> & \\"b\\" ]]>"];');
  expect(dot.match(/p\d+:fd\d+:e -> d\d+:w;/g)).toHaveLength(4);
  expect(dot.match(/d\d+:e -> o\d+:w;/g)).toHaveLength(2);
});

test('both ends of a pipe are open on one object', () => {
  const ends = ['reading', 'writing'].map((end, fd) =>
    description(`pipe 9, ${end} end`, [held(10, fd), held(11, fd)], { object: '9:9' }),
  );
  const dot = renderDot({ ...SAMPLE, descriptions: ends });
  expect(dot).toContain('label="pipe 9"');
  expect(dot.match(/ -> o0:w;/g)).toHaveLength(2);
});

test('two connected unix sockets of the tree are one channel', () => {
  const ends = [10, 11].map((pid) => {
    const [peer, inode] = pid === 10 ? [11, 70] : [10, 71];
    const socket = { ...CONNECTED, inode, peerInode: 141 - inode, peerHolders: [{ pid: peer, fd: 3 }] };
    return description(`unix stream CONNECTED ↔ 3 of ${peer}`, [held(pid, 3)], { object: `1:${inode}`, socket });
  });
  const dot = renderDot({ ...SAMPLE, descriptions: ends });
  expect(dot).toContain('o0 [shape=ellipse, label="unix monitor ↔ 11\\nsockets 70 ↔ 71, 5 B to read"];');
  expect(dot.match(/ -> o0:w;/g)).toHaveLength(2);
});
