// Every lesson, driven through real sockets and what it prints.
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LESSONS } from '../../../src/tutorial/lessons/index.js';
import { connect } from '../../helpers/client.js';
import { childrenOf, isAlive, openDescriptors } from '../../helpers/proc.js';
import { type Running, start, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const SUCCESS = { code: 0, signal: null };

function startLesson(number: number, ...args: string[]): Promise<Running> {
  return startPrefork(['lesson', `${number}`, '--port', '0', ...args], { env: { LC_ALL: 'C' } });
}

async function portOf(lesson: Running): Promise<number> {
  return Number((await lesson.line(/telnet localhost (\d+)/))[1]);
}

test('1: prints the listening socket’s descriptor', async () => {
  const lesson = await startLesson(1);
  expect(await lesson.closed).toEqual(SUCCESS);
  expect(lesson.text).toMatch(/^# a socket listens on port [1-9]\d*; its file descriptor is\n\d+\n$/);
});

test('2: accepts one client, on a descriptor of its own, and hangs up', async () => {
  const lesson = await startLesson(2);
  const port = await portOf(lesson);
  const listening = (await lesson.line(/^\d+$/))[0];
  await lesson.line(/^accepting\.\.\.$/);
  const seen = lesson.text;
  const client = await connect(port);
  await client.ended;
  await lesson.line(/^accepted!$/);
  expect((await lesson.line(/^\d+$/))[0]).not.toBe(listening);
  expect(await lesson.closed).toEqual(SUCCESS);
  expect(client.text).toBe('');
  expect(seen).not.toContain('accepted!');
});

test('3: prints the lines of one client after the other', async () => {
  const lesson = await startLesson(3);
  const port = await portOf(lesson);
  for (const word of ['hello', '日本語']) {
    const client = await connect(port);
    client.send(`${word}\r\n`);
    await lesson.line(new RegExp(`^${word}$`));
    client.send('unfin');
    client.send('ished\nexit\n');
    await lesson.line(/^unfinished$/);
    await client.ended;
    expect(client.text).toBe('');
  }
  // A client that hangs up, with half a line, costs nobody anything.
  const leaving = await connect(port);
  leaving.send('bye');
  leaving.end();
  await lesson.line(/^bye$/);
  await leaving.ended;
  await lesson.lines(4, /^accepting\.\.\.$/);
  const once = ['accepting...', 'accepted a client!'];
  expect(lesson.stdout.text.split('\n').slice(1)).toEqual([
    ...[...once, 'hello', 'unfinished', 'closed a connection!'],
    ...[...once, '日本語', 'unfinished', 'closed a connection!'],
    ...[...once, 'bye', 'closed a connection!'],
    ...['accepting...', ''],
  ]);
});

test('3 --echo: sends the lines back as well', async () => {
  const lesson = await startLesson(3, '--echo');
  const client = await connect(await portOf(lesson));
  client.send('hello\r\nこんにちは\nexit\n');
  await client.ended;
  expect(client.text).toBe('hello\nこんにちは\n');
  await lesson.line(/^こんにちは$/);
});

test('4: the second client waits while the first is served', async () => {
  const lesson = await startLesson(4);
  expect(await lesson.closed).toEqual(SUCCESS);
  const lines = lesson.text.trim().split('\n');
  // The server and the clients are two processes: what the one prints after the other's last word may come in between.
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
    ...['accepting...', 'accepted a client!', 'hello from the first', 'closed a connection!'],
    ...['accepting...', 'accepted a client!', 'hello from the second', 'closed a connection!'],
  ]);
  expect(lines.filter((line) => line.startsWith('#'))).toEqual([
    '# the first client got its line back',
    '# the second client is connected and sent a line; an answer after 1000 ms: none',
    `# in the kernel's queue, not accepted: 1 connection, ${'hello from the second\n'.length} bytes that nobody reads`,
    '# now the first client sends "exit"',
    '# only then did the second get its line back',
  ]);
  expect(lines.indexOf('hello from the second')).toBeGreaterThan(lines.indexOf('# now the first client sends "exit"'));
});

test('5: forks, and waits for all', async () => {
  const lesson = await startLesson(5, '--workers', '5');
  const forked = (await lesson.lines(5, /^forked child process: (\d+)$/)).map(([, pid]) => pid);
  const children = (await lesson.lines(5, /^I'm child process: (\d+)$/)).map(([, pid]) => pid);
  const ended = (await lesson.lines(5, /^# child (\d+) has ended with status 0$/)).map(([, pid]) => pid);
  expect(new Set(forked).size).toBe(5);
  expect(children.sort()).toEqual(forked.sort());
  expect(ended.sort()).toEqual(forked.sort());
  expect(await lesson.closed).toEqual(SUCCESS);
});

test('6: each child takes one client', async () => {
  const lesson = await startLesson(6);
  const port = await portOf(lesson);
  const children = (await lesson.lines(3, /^Child (\d+) is accepting\.\.\.$/)).map(([, pid]) => pid);
  const greeters = [];
  for (let n = 0; n < 3; n++) {
    const client = await connect(port);
    await client.ended;
    const [, greeter] = /^Hello from child (\d+)!\n$/.exec(client.text) ?? [];
    await lesson.line(new RegExp(`^Child ${greeter} accepted a client!$`));
    greeters.push(greeter);
  }
  expect(greeters.sort()).toEqual(children.sort());
  expect(await lesson.closed).toEqual(SUCCESS);
});

describe('7: the finished server', () => {
  async function startServer(...args: string[]) {
    const lesson = await startLesson(7, ...args);
    const port = await portOf(lesson);
    const children = (await lesson.lines(3, /^Child (\d+) accepting\.\.\.$/)).map(([, pid]) => Number(pid));
    return { lesson, port, children };
  }

  async function visit(lesson: Running, port: number) {
    const client = await connect(port);
    const child = Number((await lesson.line(/^Child (\d+) accepted a client!$/))[1]);
    return { client, child };
  }

  test('serves as many clients at once as there are children; the next one waits', async () => {
    const { lesson, port, children } = await startServer();
    expect(childrenOf(lesson.pid).map(({ pid }) => pid)).toEqual(expect.arrayContaining(children));
    const visits = [await visit(lesson, port), await visit(lesson, port), await visit(lesson, port)];
    expect(visits.map(({ child }) => child).sort()).toEqual([...children].sort());
    for (const { client, child } of visits) {
      client.send(`私は ${child}\r\n`);
      await lesson.line(new RegExp(`^Child ${child} received: 私は ${child}$`));
    }

    const waiting = await connect(port);
    waiting.send('sent while waiting\n');
    const [first] = visits;
    first?.client.send('exit\r\n');
    await first?.client.ended;
    await lesson.line(new RegExp(`^Child ${first?.child} closed a connection!$`));
    await lesson.line(new RegExp(`^Child ${first?.child} received: sent while waiting$`));
    const after = lesson.text.slice(lesson.text.indexOf('closed a connection!'));
    expect(after).toMatch(/accepting\.\.\.\n.*accepted a client!\n.*sent while waiting\n$/);
  });

  test('a client that just hangs up leaves no descriptor behind, and the child accepts again', async () => {
    const { lesson, port, children } = await startServer();
    const descriptors = () => children.map((pid) => openDescriptors(pid).size);
    const before = descriptors();
    for (let n = 0; n < 6; n++) {
      const { client, child } = await visit(lesson, port);
      client.send(`half a line`);
      client.end();
      await lesson.line(new RegExp(`^Child ${child} received: half a line$`));
      await lesson.line(new RegExp(`^Child ${child} accepting\\.\\.\\.$`));
      await client.ended;
    }
    expect(descriptors()).toEqual(before);
    expect(lesson.text).not.toContain('closed');
  });

  test('says so when a child ends', async () => {
    const { lesson, port, children } = await startServer();
    for (const pid of children) {
      process.kill(pid, 'SIGKILL');
      await lesson.line(new RegExp(`^# child ${pid} was ended by SIGKILL$`));
    }
    expect(await lesson.closed).toEqual(SUCCESS);
    await expect(connect(port)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('8: open file descriptions', () => {
  /** What each process read, and the comparison, of the part that ends with this line. */
  function part(text: string, end: RegExp, start?: RegExp) {
    const from = start === undefined ? 0 : text.search(start);
    const lines = text.slice(from, text.search(end)).split('\n');
    const read = (who: string) =>
      lines.flatMap((line) => new RegExp(`^${who} \\d+ read: line (\\d)$`).exec(line)?.[1] ?? []).join('');
    const found = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
    return {
      parent: read('Parent'),
      child: read('Child'),
      pos: found(/^# {3}\/proc\/\d+\/fdinfo\/\d+ has pos: (\d+)$/),
      ino: found(/^# {3}\/proc\/\d+\/fdinfo\/\d+ has ino: (\d+)$/),
      kcmp: found(/^# {3}kcmp\(\d+, \d+, KCMP_FILE, \d+, \d+\): (.*)$/),
    };
  }

  test('shared by a fork, apart when opened after it', async () => {
    const lesson = await startLesson(8);
    expect(await lesson.closed).toEqual(SUCCESS);
    const { text } = lesson;
    const one = ['one open file description'];
    const two = ['two open file descriptions'];

    const before = part(text, /^# one offset/m);
    expect(before).toMatchObject({ parent: '13', child: '24', pos: ['7', '7'], kcmp: one });

    const after = part(text, /^# two offsets/m, /^# the same file opened after/m);
    expect(after).toMatchObject({ parent: '1234', child: '1234', pos: ['7', '0'], kcmp: two });

    const shared = part(text, /^# listening sockets opened after/m, /^# a socket that listens on port [1-9]/m);
    expect(shared.kcmp).toEqual(one);
    expect(shared.ino).toEqual([expect.stringMatching(/^[1-9]\d*$/), shared.ino[0]]);

    const apart = part(text, /$(?![\s\S])/, /^# listening sockets opened after/m);
    expect(apart.kcmp).toEqual(two);
    expect(new Set(apart.ino).size).toBe(2);
    expect(text.match(/cannot listen on port [1-9]\d*, too \(EADDRINUSE\)/g)).toHaveLength(1);
  });
});

test('9: the parent dies first', async () => {
  const lesson = await startLesson(9);
  expect(await lesson.closed).toEqual(SUCCESS);
  const [orphans = '', together = ''] = lesson.text.split('# children that called prctl(PR_SET_PDEATHSIG)\n');

  const accepting = (text: string) => text.match(/(?<=^Child )\d+(?= accepting\.\.\.$)/gm) ?? [];
  /** Who said hello, and as whose child, before and after the parent's death. */
  const hellos = (text: string) =>
    text.split(/^# killed the parent \d+$/m).map((half) =>
      [...half.matchAll(/^Hello from child (\d+)!\n# its parent is process (\d+) \(.+\)$/gm)].map(
        ([, child, parent]) => ({
          child,
          parent,
        }),
      ),
    );
  const parentOf = (text: string) => /^# killed the parent (\d+)$/m.exec(text)?.[1];

  for (const text of [orphans, together]) {
    expect(accepting(text)).toHaveLength(3);
    const [before] = hellos(text);
    expect(before).toHaveLength(3);
    for (const { child, parent } of before ?? []) {
      expect(accepting(text)).toContain(child);
      expect(parent).toBe(parentOf(text));
    }
  }

  const [, adopted] = hellos(orphans);
  expect(adopted).toHaveLength(3);
  for (const { child, parent } of adopted ?? []) {
    expect(accepting(orphans)).toContain(child);
    expect(parent).not.toBe(parentOf(orphans));
    expect(parent).not.toBe(`${lesson.pid}`);
  }
  expect(orphans).toContain('# they live on and accept, with another parent\n');

  expect(hellos(together)[1]).toEqual([]);
  expect(together).toMatch(/# its children have died with it\n# connecting fails: ECONNREFUSED\n$/);

  const processes = [...accepting(orphans), ...accepting(together), parentOf(orphans), parentOf(together)];
  await eventually('nobody is left', () => processes.every((pid) => !isAlive(Number(pid))));
});

describe('in Japanese', () => {
  test.each([
    ['by LANG', { LC_ALL: '', LC_MESSAGES: '', LANG: 'ja_JP.UTF-8' }, []],
    ['by --lang', { LC_ALL: 'en_US.UTF-8' }, ['--lang', 'ja']],
  ])('%s: the explanations are, the original messages are not', async (_, env, args) => {
    for (const [number, original, explained] of [
      [4, /^accepted a client!$/m, /^# ふたつめのクライアントも接続して1行送りました。1000ms待って、返事は: こない$/m],
      [5, /^forked child process: \d+$/m, /^# 子プロセス \d+ がステータス 0 で終わりました$/m],
      [8, /^Parent \d+ read: line 1$/m, /^# {3}kcmp\(.*\): オープンファイル記述はひとつ$/m],
      [9, /^Hello from child \d+!$/m, /^# 子プロセスは別の親にひきとられて、acceptしつづけています$/m],
    ] as const) {
      const lesson = await startPrefork(['lesson', `${number}`, '--port', '0', ...args], { env });
      expect(await lesson.closed).toEqual(SUCCESS);
      expect(lesson.text).toMatch(original);
      expect(lesson.text).toMatch(explained);
      const explanations = lesson.text
        .split('\n')
        .filter((line) => line.startsWith('# ') && !line.startsWith('#   /proc'));
      for (const line of explanations) expect(line).toMatch(/[ぁ-んァ-ヶ一-龠]/);
    }
  });

  test.each([2, 3, 6, 7])('lesson %i tells where to connect', async (number) => {
    const lesson = await startLesson(number, '--lang', 'ja');
    await lesson.line(/^# べつのターミナルで: telnet localhost [1-9]\d*$/);
    await lesson.line(/accepting\.\.\.$/);
  });
});

test.each(LESSONS.map((_, index) => index + 1))('lesson %i: a port in use is one line', async (number) => {
  const occupant = createServer();
  occupant.listen(0);
  onTestFinished(() => {
    occupant.close();
  });
  await eventually('listening', () => occupant.listening);
  const { port } = occupant.address() as { port: number };

  const startIn = (lang: string) => startPrefork(['lesson', `${number}`, '--port', `${port}`, '--lang', lang]);
  const english = await startIn('en');
  expect(await english.closed).toEqual({ code: 1, signal: null });
  expect(english.text).toBe(
    `prefork: port ${port} is in use; choose another with --port, or any free one with --port 0\n`,
  );
  const japanese = await startIn('ja');
  expect(await japanese.closed).toEqual({ code: 1, signal: null });
  expect(japanese.text).toMatch(new RegExp(`^prefork: ${port} portは使用中です。.*--port 0 .*\n$`));
});

test('a flood of lines arrives whole, through a pipe that is often full', async () => {
  const lesson = await startLesson(3);
  const client = await connect(await portOf(lesson));
  const flood = Array.from({ length: 20_000 }, (_, n) => `${n} ${'x'.repeat(100)}\n`).join('');
  client.send(`${flood}exit\n`);
  await lesson.line(/^closed a connection!$/);
  expect(lesson.text).toContain(`accepted a client!\n${flood}closed a connection!\n`);
});

test('ends quietly, as by SIGPIPE, when nobody reads its output any more', async () => {
  const program = `"${process.execPath}" dist/cli/main.js lesson 3 --port 0`;
  // The reader leaves at the line before accept(2), after which nothing is
  // written until a client comes.
  const reader = 'sed -u /^accepting/q';
  const shell = await start('sh', ['-c', `{ ${program}; echo "status $?" >&2; } | ${reader}`], {
    env: { LC_ALL: 'C' },
  });
  const client = await connect(await portOf(shell));
  await eventually('an end', () => {
    if (!client.socket.destroyed) client.send('a line\n');
    return shell.stderr.text !== '';
  });
  await shell.closed;
  expect(shell.stderr.text).toBe('status 141\n');
});
