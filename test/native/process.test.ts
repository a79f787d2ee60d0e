import { join } from 'node:path';
import { expect, test } from 'vitest';
import { binding } from '../../src/posix/binding.js';
import { isAlive, processStat } from '../helpers/proc.js';
import { ROOT, type Running, start, startNode } from '../helpers/process.js';
import { eventually } from '../helpers/wait.js';

const b = binding();

test('getpid and getppid', () => {
  expect(b.getpid()).toBe(process.pid);
  expect(b.getppid()).toBe(process.ppid);
});

test('kill asks whether a process exists, and ends it', async () => {
  const p = await startNode(['-e', 'setInterval(() => {}, 1000)']);
  b.kill(p.pid, 0);
  b.kill(p.pid, 15);
  expect(await p.exit).toEqual({ code: null, signal: 'SIGTERM' });
  expect(() => b.kill(p.pid, 0)).toThrow('kill ESRCH');
});

test('leaveTerminal fails where it is not the terminal of this process', () => {
  const [read] = b.pipe(true);
  expect(() => b.leaveTerminal(read)).toThrow(expect.objectContaining({ code: 'ENOTTY', syscall: 'ioctl' }));
  b.close(read);
});

test('kcmp compares the open file descriptions of two processes', async () => {
  const [read, write] = b.pipe(true);
  const p = await startNode(['-e', 'setInterval(() => {}, 1000)'], { descriptors: [read, write] });
  expect(b.kcmp(process.pid, p.pid, read, 3)).toBe(0);
  expect(b.kcmp(p.pid, process.pid, 4, write)).toBe(0);
  expect([1, 2]).toContain(b.kcmp(process.pid, p.pid, read, 4));
  b.close(read);
  b.close(write);
});

test.each([
  ['an exit status', 'exit 7', { code: 7, signal: null }],
  ['the highest exit status', 'exit 255', { code: 255, signal: null }],
  ['a signal', 'kill -KILL $$', { code: null, signal: 9 }],
  ['a signal that could have dumped core', 'ulimit -c 0; kill -QUIT $$', { code: null, signal: 3 }],
  ['a real-time signal', 'kill -40 $$', { code: null, signal: 40 }],
])('waitpid decodes %s', async (_, script, status) => {
  const p = await fixture('waitpid', script);
  await p.line(/^running true$/);
  const ended = await p.line(/^ended (.*)$/);
  expect(JSON.parse(ended[1] as string)).toEqual({ pid: true, coreDumped: false, ...status });
  await p.line(/^again ECHILD$/);
  expect(await p.closed).toEqual({ code: 0, signal: null });
});

test('execve hands over arguments, environment, descriptors and fresh signals, and keeps the pid', async () => {
  const p = await fixture('execve');
  expect(await p.closed).toEqual({ code: 0, signal: null });
  expect(p.text.split('\n')).toEqual([
    'failed ENOENT, signals as before true',
    'name my name, arguments one two words, environment ü',
    `pid ${p.pid}`,
    'SigBlk:\t0000000000000000',
    'SigIgn:\t0000000000000000',
    'descriptors',
    '',
  ]);
});

test('spawn starts a program in a process group of its own, with descriptors and signals as for execve', async () => {
  const p = await fixture('spawn');
  expect(await p.closed).toEqual({ code: 0, signal: null });
  expect(p.text.split('\n')).toEqual([
    'failed posix_spawn ENOENT /nowhere',
    'name my name, arguments one two words, environment ü',
    'SigBlk:\t0000000000000000',
    expect.stringMatching(/^SigIgn:\t0000000(0|18)0{7,8}$/), // 32 and 33 are the C library's.
    'descriptors',
    'group of its own',
    'ended true 7',
    '',
  ]);
});

test.each([0, 1, 255, 256 + 7])('_exit(%i) runs nothing any more', async (status) => {
  const p = await startNode([
    '--input-type=module',
    '-e',
    `import { binding } from ${JSON.stringify(join(ROOT, 'dist/posix/binding.js'))};
     process.on('exit', () => console.log('exit listener'));
     binding()._exit(${status});`,
  ]);
  expect(await p.closed).toEqual({ code: status % 256, signal: null });
  expect(p.text).toBe('');
});

test('a parent death signal comes when the parent dies', async () => {
  const p = await fixture('parent-death', '10');
  const [, child] = await p.line(/^child (\d+) of (\d+)$/);
  process.kill(p.pid, 'SIGKILL');
  await p.line(/^parent died$/);
  await eventually('the child has ended', () => !isAlive(Number(child)));
});

test('a parent death signal that was cleared does not come', async () => {
  const p = await fixture('parent-death', '0');
  const child = Number((await p.line(/^child (\d+) of (\d+)$/))[1]);
  expect(processStat(child)?.ppid).toBe(p.pid);
  process.kill(p.pid, 'SIGKILL');
  await eventually('the child has another parent', () => processStat(child)?.ppid !== p.pid);
  expect(isAlive(child)).toBe(true);
});

test('EPIPE is an error also where SIGPIPE has its default action, which it keeps', async () => {
  const p = await fixture('sigpipe');
  expect(await p.closed).toEqual({ code: null, signal: 'SIGPIPE' });
  expect(p.text).toBe('handled 0\npipe EPIPE\nsocket EPIPE\nsend EPIPE\nmessage EPIPE\n');
});

test('without a free descriptor each call says so, and keeps none', async () => {
  const program = join(ROOT, 'test/fixtures/native/limit.mjs');
  const p = await start('/bin/sh', ['-c', 'ulimit -n 64; exec "$0" "$1"', process.execPath, program]);
  await p.closed;
  expect(p.text.split('\n')).toEqual([
    'dup: fcntl EMFILE: too many open files',
    'open: open EMFILE: too many open files /dev/null',
    'socket: socket EMFILE: too many open files',
    'socketpair: socketpair EMFILE: too many open files',
    'message: recvmsg EMFILE: too many open files',
    'shared memory: memfd_create EMFILE: too many open files',
    'acceptor: fcntl EMFILE: too many open files',
    'accept: accept EMFILE: too many open files',
    'pipe: pipe EMFILE: too many open files',
    'pipe with room for one: pipe EMFILE: too many open files',
    'accepted number',
    'the same again true',
    '',
  ]);
});

function fixture(name: string, ...args: string[]): Promise<Running> {
  return startNode([join(ROOT, `test/fixtures/native/${name}.mjs`), ...args]);
}
