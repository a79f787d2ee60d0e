import { linkSync, mkdirSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openListener } from '../../../src/net/open-listener.js';
import { listenOnPath, type PathOptions } from '../../../src/net/unix-path.js';
import { isStale } from '../../../src/net/unix-socket.js';
import { close, connect, listen, socket } from '../../../src/posix/index.js';
import { temporaryFolder } from '../../helpers/folder.js';

const IN_USE = expect.objectContaining({ code: 'EADDRINUSE', syscall: 'bind' });

function listening(path: string, options: Partial<PathOptions> = {}) {
  const listener = listenOnPath(path, { backlog: 1, keepSpare: true, ...options });
  onTestFinished(() => close(listener.fd));
  return listener;
}

/** As a program leaves it that was killed. */
function stale(path: string): void {
  close(listen({ path }).fd);
}

function connects(path: string): boolean {
  const fd = socket({ family: 'unix' });
  try {
    connect(fd, { family: 'unix', path });
    return true;
  } catch {
    return false;
  } finally {
    close(fd);
  }
}

test('a path that was taken away leads to the same socket again', () => {
  const path = join(temporaryFolder(), 'a.sock');
  const listener = listening(path);
  const { ino } = statSync(path);
  unlinkSync(path);
  expect(listener.path.restore()).toBe(true);
  expect(statSync(path).ino).toBe(ino);
  expect(connects(path)).toBe(true);
  unlinkSync(path);
  listener.path.restoreIfGone();
  expect(statSync(path).ino).toBe(ino);
});

test('so does one at which something else is now, if nobody listens there', () => {
  const path = join(temporaryFolder(), 'a.sock');
  const listener = listening(path);
  unlinkSync(path);
  stale(path);
  listener.path.restoreIfGone();
  expect(connects(path)).toBe(false); // Only when it is asked for.
  expect(listener.path.restore()).toBe(true);
  expect(connects(path)).toBe(true);
});

test.each([
  ['another program that listens', (path: string) => onTestFinished(close.bind(null, listen({ path }).fd))],
  ['a file', (path: string) => writeFileSync(path, '')],
  ['a folder', (path: string) => mkdirSync(path)],
])('but not one of %s', (_, make) => {
  const path = join(temporaryFolder(), 'a.sock');
  const listener = listening(path);
  unlinkSync(path);
  make(path);
  const { ino } = statSync(path);
  expect(listener.path.restore()).toBe(false);
  listener.path.remove();
  expect(statSync(path).ino).toBe(ino);
});

test('without its spare name there is no way back', () => {
  const path = join(temporaryFolder(), 'a.sock');
  const kept = listening(path, { keepSpare: false });
  expect(kept.path.restore()).toBe(true);
  unlinkSync(path);
  expect(kept.path.restore()).toBe(false);
});

test('the spare name is made anew when it is gone', () => {
  const directory = temporaryFolder();
  const path = join(directory, 'a.sock');
  const listener = listening(path);
  const [spare = ''] = readdirSync(directory);
  unlinkSync(join(directory, spare));
  expect(listener.path.restore()).toBe(true);
  expect(readdirSync(directory)).toEqual([spare, 'a.sock']);
});

test('nothing is left', () => {
  const directory = temporaryFolder();
  const listener = listening(join(directory, 'a.sock'));
  expect(readdirSync(directory)).toEqual([`.prefork-${process.pid}-a.sock`, 'a.sock']);
  listener.path.remove();
  expect(readdirSync(directory)).toEqual([]);
  listener.path.remove();
});

test('spare names that killed processes left for this path are removed, those of others stay', () => {
  const directory = temporaryFolder();
  const path = join(directory, 'a.sock');
  stale(join(directory, '.prefork-1-a.sock'));
  stale(join(directory, '.prefork-1-b.sock'));
  const alive = listening(join(directory, 'other.sock'), { keepSpare: false });
  linkSync(join(directory, 'other.sock'), join(directory, '.prefork-2-a.sock'));
  expect(alive.path.restore()).toBe(true);
  listening(path);
  expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual(
    ['.prefork-1-b.sock', '.prefork-2-a.sock', `.prefork-${process.pid}-a.sock`].sort(),
  );
});

test('a name that is as long as it may be has a spare one, too', () => {
  const directory = temporaryFolder();
  const name = 'x'.repeat(107 - directory.length - 1);
  const listener = listening(join(directory, name));
  unlinkSync(join(directory, name));
  expect(listener.path.restore()).toBe(true);
  expect(isStale(join(directory, `.prefork-${process.pid}-${name}`))).toBe(false);
});

test('a socket that a killed program left is replaced; one that lives, or another file, is in use', () => {
  const path = join(temporaryFolder(), 'a.sock');
  stale(path);
  expect(isStale(path)).toBe(true);
  listening(path);
  expect(isStale(path)).toBe(false);
  expect(() => listening(path)).toThrow(IN_USE);
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => listening(file)).toThrow(IN_USE);
});

test('a full queue is a sign of life', () => {
  const path = join(temporaryFolder(), 'a.sock');
  listening(path, { backlog: 0 });
  const clients = [1, 2].map(() => socket({ family: 'unix' }));
  onTestFinished(() => clients.forEach((fd) => void close(fd)));
  connect(clients[0] as number, { family: 'unix', path });
  expect(isStale(path)).toBe(false);
});

test('permissions from the first moment on, whatever the umask', () => {
  const before = process.umask(0o027);
  onTestFinished(() => void process.umask(before));
  const directory = temporaryFolder();
  listening(join(directory, 'by umask'));
  listening(join(directory, 'given'), { mode: 0o666 });
  expect(['by umask', 'given'].map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([0o750, 0o666]);
  expect(process.umask()).toBe(0o027);
});

test('a path that cannot be given to its owner leaves nothing', () => {
  const directory = temporaryFolder();
  // -2 is no number of a user; for root, who may give it to anybody, a check of the arguments fails.
  expect(() => listening(join(directory, 'a.sock'), { owner: { uid: -2 } })).toThrow();
  expect(readdirSync(directory)).toEqual([]);
});

test('a long path is bound through its folder, if that is allowed', () => {
  const far = join(temporaryFolder(), 'x'.repeat(100));
  mkdirSync(far);
  const path = join(far, 'a.sock');
  expect(() => listening(path)).toThrow(expect.objectContaining({ code: 'ENAMETOOLONG', path }));
  expect(listening(path, { anyLength: true }).address).toEqual({ family: 'unix', path });
  expect(isStale(path)).toBe(false);
});

test('openListener: a port, a path, a name', () => {
  const opened = [
    { port: 0 },
    { host: '127.0.0.1', port: 0 },
    { path: join(temporaryFolder(), 'a') },
    { path: `\0prefork ${Math.random()}` },
  ];
  const listeners = opened.map((address) => openListener(address, { backlog: 1 }));
  onTestFinished(() => listeners.forEach(({ fd }) => void close(fd)));
  expect(listeners.map(({ path }) => path !== undefined)).toEqual([false, false, true, false]);
});
