import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { binding } from '../../src/posix/binding.js';
import { openDescriptors } from '../helpers/proc.js';
import { portOf } from '../helpers/sockets.js';

const b = binding();
const CLOSED = 1_000_000; // No process has a descriptor this high.
const INET = 2;
const INET6 = 10;
const UNIX = 1;
const STREAM = 1;
const LOOPBACK = '127.0.0.1';

const folder = mkdtempSync(join(tmpdir(), 'prefork-'));
const file = b.open('/dev/null', 0, 0);
const taken = listener();
const port = portOf(taken);
const refusing = portOf(socketBound());
const unlistened = socketBound();
const unix = b.socket(UNIX, STREAM, 0, true);
const regular = b.createSharedMemory('regular', 1);
const nobody = 2 ** 22 + 1; // Above the highest process id, PID_MAX_LIMIT in proc_sys_kernel(5).
const longPath = `/${'x'.repeat(107)}`;
const bytes = new Uint8Array(1);
const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
/** In the words of the C library, since libuv has none: glibc's, or musl's. */
const noChild = header.glibcVersionRuntime === undefined ? 'no child process' : 'no child processes';

afterAll(() => rmSync(folder, { recursive: true }));

/** What fails, and the error that it fails with: its message, and its properties besides `errno`. */
const failures: [() => unknown, string, object][] = [
  [() => b.waitpid(nobody, true), `waitpid ECHILD: ${noChild}`, {}],
  [() => b.waitpid(nobody, false), `waitpid ECHILD: ${noChild}`, {}],
  [() => b.kill(nobody, 0), 'kill ESRCH: no such process', {}],
  [() => b.kill(process.pid, 1000), 'kill EINVAL: invalid argument', {}],
  [() => b.setParentDeathSignal(1000), 'prctl EINVAL: invalid argument', {}],
  [() => b.kcmp(nobody, nobody, 0, 0), 'kcmp ESRCH: no such process', {}],
  [() => b.kcmp(process.pid, process.pid, 0, CLOSED), 'kcmp EBADF: bad file descriptor', {}],
  [() => b.execve('/nowhere', ['x'], []), 'execve ENOENT: no such file or directory /nowhere', { path: '/nowhere' }],
  [() => b.execve(folder, ['x'], []), `execve EACCES: permission denied ${folder}`, { path: folder }],

  [() => b.open('/nowhere', 0, 0), 'open ENOENT: no such file or directory /nowhere', { path: '/nowhere' }],
  [() => b.open(folder, 1, 0), `open EISDIR: illegal operation on a directory ${folder}`, { path: folder }],
  [() => b.read(CLOSED, bytes, 0, 1), 'read EBADF: bad file descriptor', {}],
  [() => b.write(CLOSED, bytes, 0, 1), 'write EBADF: bad file descriptor', {}],
  [() => b.pwritev2(CLOSED, bytes, 0, 1, false), 'write EBADF: bad file descriptor', {}],
  [() => b.flock(CLOSED, 2), 'flock EBADF: bad file descriptor', {}],
  [() => b.close(CLOSED), 'close EBADF: bad file descriptor', {}],
  [() => b.close(-1), 'close EBADF: bad file descriptor', {}],
  [() => b.lseek(CLOSED, 0, 0), 'lseek EBADF: bad file descriptor', {}],
  [() => b.lseek(taken, 0, 0), 'lseek ESPIPE: invalid seek', {}],
  [() => b.dup(CLOSED, 0, true), 'fcntl EBADF: bad file descriptor', {}],
  [() => b.dup(taken, -1, true), 'fcntl EINVAL: invalid argument', {}],
  [() => b.dup2(CLOSED, taken, true), 'dup3 EBADF: bad file descriptor', {}],
  [() => b.dup2(taken, taken, true), 'dup3 EINVAL: invalid argument', {}],
  [() => b.setCloexec(CLOSED, true), 'fcntl EBADF: bad file descriptor', {}],
  [() => b.setNonblock(CLOSED, true), 'fcntl EBADF: bad file descriptor', {}],

  [() => b.socket(12345, STREAM, 0, true), 'socket EAFNOSUPPORT: address family not supported', {}],
  [() => b.setsockopt(CLOSED, 'SO_REUSEADDR', 1), 'setsockopt EBADF: bad file descriptor', {}],
  [() => b.setsockopt(taken, 'SO_UNKNOWN' as 'SO_REUSEADDR', 1), 'setsockopt ENOPROTOOPT: protocol not available', {}],
  [() => b.isListening(file), 'getsockopt ENOTSOCK: socket operation on non-socket', {}],
  [() => b.setsockopt(taken, 'IPV6_V6ONLY', 1), 'setsockopt ENOPROTOOPT: protocol not available', {}],
  [() => b.setsockopt(CLOSED, 'SO_RCVTIMEO', 1), 'setsockopt EBADF: bad file descriptor', {}],
  [() => b.getListenQueue(CLOSED), 'getsockopt EBADF: bad file descriptor', {}],
  [() => b.getListenQueue(unlistened), 'getsockopt EINVAL: invalid argument', {}],
  [() => b.getListenQueue(unix), 'getsockopt ENOTSUP: operation not supported on socket', {}],
  [() => b.listen(CLOSED, 1), 'listen EBADF: bad file descriptor', {}],
  [() => b.accept(CLOSED, true), 'accept EBADF: bad file descriptor', {}],
  [() => b.accept(file, true), 'accept ENOTSOCK: socket operation on non-socket', {}],
  [() => b.acceptFd(CLOSED, true), 'accept EBADF: bad file descriptor', {}],
  [() => b.accept(taken, true), 'accept EAGAIN: resource temporarily unavailable', {}],
  [() => b.send(CLOSED, bytes, 0, 1, false), 'send EBADF: bad file descriptor', {}],
  [() => b.send(file, bytes, 0, 1, true), 'send ENOTSOCK: socket operation on non-socket', {}],
  [() => b.send(unix, bytes, 0, 1, false), 'send ENOTCONN: socket is not connected', {}],
  [() => b.shutdown(taken, 99), 'shutdown EINVAL: invalid argument', {}],
  [() => b.shutdown(CLOSED, 2), 'shutdown EBADF: bad file descriptor', {}],
  [() => b.getsockname(file), 'getsockname ENOTSOCK: socket operation on non-socket', {}],
  [() => b.getpeername(taken), 'getpeername ENOTCONN: socket is not connected', {}],
  [
    () => withSocket(INET, (fd) => b.bindInet(fd, INET, LOOPBACK, port)),
    `bind EADDRINUSE: address already in use 127.0.0.1:${port}`,
    { address: LOOPBACK, port },
  ],
  [
    () => withSocket(INET, (fd) => b.bindInet(fd, INET, '192.0.2.1', 0)),
    'bind EADDRNOTAVAIL: address not available 192.0.2.1',
    { address: '192.0.2.1', port: 0 },
  ],
  [
    () => withSocket(INET6, (fd) => b.bindInet(fd, INET6, '2001:db8::1', 7)),
    'bind EADDRNOTAVAIL: address not available 2001:db8::1:7',
    { address: '2001:db8::1', port: 7 },
  ],
  [
    () => withSocket(INET, (fd) => b.bindInet(fd, INET, 'localhost', 80)),
    'bind EINVAL: invalid argument localhost:80',
    { address: 'localhost', port: 80 },
  ],
  [
    () => withSocket(INET, (fd) => b.connectInet(fd, INET, LOOPBACK, refusing)),
    `connect ECONNREFUSED: connection refused 127.0.0.1:${refusing}`,
    { address: LOOPBACK, port: refusing },
  ],
  [
    () => withSocket(UNIX, (fd) => b.bindUnix(fd, `${folder}/no/where`)),
    `bind ENOENT: no such file or directory ${folder}/no/where`,
    { path: `${folder}/no/where` },
  ],
  [() => withSocket(UNIX, (fd) => b.bindUnix(fd, '')), 'bind EINVAL: invalid argument', {}],
  [
    () => withSocket(UNIX, (fd) => b.bindUnix(fd, longPath)),
    `bind ENAMETOOLONG: name too long ${longPath}`,
    { path: longPath },
  ],
  [
    () => withSocket(UNIX, (fd) => b.connectUnix(fd, `\0${'x'.repeat(108)}`)),
    `connect ENAMETOOLONG: name too long \0${'x'.repeat(108)}`,
    { path: `\0${'x'.repeat(108)}` },
  ],
  [
    () => withSocket(UNIX, (fd) => b.connectUnix(fd, '\0nobody listens')),
    'connect ECONNREFUSED: connection refused \0nobody listens',
    { path: '\0nobody listens' },
  ],

  [() => b.sendMessage(CLOSED, bytes, 0, 1, []), 'sendmsg EBADF: bad file descriptor', {}],
  [() => b.sendMessage(unix, bytes, 0, 1, []), 'sendmsg ENOTCONN: socket is not connected', {}],
  [() => b.sendMessage(unix, bytes, 0, 1, [CLOSED]), 'sendmsg EBADF: bad file descriptor', {}],
  [() => b.sendMessage(unix, bytes, 0, 0, [file]), 'sendmsg EINVAL: invalid argument', {}],
  [() => b.sendMessage(unix, bytes, 0, 1, Array(17).fill(file)), 'sendmsg EINVAL: invalid argument', {}],
  [() => b.receiveMessage(CLOSED, bytes, 0, 1), 'recvmsg EBADF: bad file descriptor', {}],
  [() => b.receiveMessage(unix, bytes, 0, 1), 'recvmsg EINVAL: invalid argument', {}],
  [() => b.createSharedMemory('x'.repeat(250), 1), 'memfd_create EINVAL: invalid argument', {}],
  [() => b.createSharedMemory('x', -1), 'ftruncate EINVAL: invalid argument', {}],
  [() => b.mapSharedMemory(CLOSED, 1, false), 'mmap EBADF: bad file descriptor', {}],
  [() => b.mapSharedMemory(file, 0, true), 'mmap EINVAL: invalid argument', {}],
  [() => b.mapSharedMemory(file, -1, true), 'mmap EINVAL: invalid argument', {}],
  [() => b.mapSharedMemory(file, 1, true), 'mmap ENXIO: no such device or address', {}],
  [() => new b.Acceptor(CLOSED, () => {}), 'fcntl EBADF: bad file descriptor', {}],
  [() => new b.Acceptor(regular, () => {}), 'uv_poll_init EPERM: operation not permitted', {}],
];

test.each(failures)('%s fails as Node does: %s', (call, message, properties) => {
  const error = failureOf(call);
  const [, syscall, code] = /^(\w+) (\w+):/.exec(message) ?? [];
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe(message);
  expect({ ...error }).toEqual({ errno: expect.any(Number), code, syscall, ...properties });
  expect(error.errno).toBeLessThan(0);
  expect(error.stack).toContain(import.meta.filename);
});

test('a call that fails a thousand times leaves no descriptor behind', () => {
  const before = [...openDescriptors().keys()];
  for (let i = 0; i < 1000; i++) for (const [call] of failures) failureOf(call);
  expect([...openDescriptors().keys()]).toEqual(before);
});

test('errno is what the kernel returned', () => {
  expect(failureOf(() => b.close(CLOSED)).errno).toBe(-9);
  expect(failureOf(() => b.waitpid(nobody, true)).errno).toBe(-10);
  expect(failureOf(() => withSocket(INET, (fd) => b.bindInet(fd, INET, LOOPBACK, port))).errno).toBe(-98);
});

function failureOf(call: () => unknown): NodeJS.ErrnoException {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error(`returned ${String(result)}`);
}

/** Whatever becomes of the call, the socket is closed: the failures counted are the addon's own. */
function withSocket(family: number, use: (fd: number) => void): void {
  const fd = b.socket(family, STREAM, 0, true);
  try {
    use(fd);
  } finally {
    b.close(fd);
  }
}

function socketBound(): number {
  const fd = b.socket(INET, STREAM, 0, true);
  b.bindInet(fd, INET, LOOPBACK, 0);
  return fd;
}

function listener(): number {
  const fd = socketBound();
  b.listen(fd, 1);
  b.setNonblock(fd, true);
  return fd;
}
