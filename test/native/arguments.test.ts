import { expect, onTestFinished, test } from 'vitest';
import { binding } from '../../src/posix/binding.js';
import type { Binding } from '../../src/posix/binding-types.js';

const bytes = new Uint8Array(8);

/** Each function with arguments of the right type; none of these calls is ever made as it stands. */
const signatures: [keyof Binding, ...unknown[]][] = [
  ['waitpid', -1, true],
  ['kill', 0, 0],
  ['execve', '/nowhere', ['x'], ['A=b']],
  ['_exit', 0],
  ['setParentDeathSignal', 0],
  ['kcmp', 1, 1, 0, 0],
  ['fork', 0, [], false],
  ['settleThreads', 0],
  ['reseedMathRandom', () => 0],
  ['open', '/nowhere', 0, 0],
  ['read', 1_000_000, bytes, 0, 1],
  ['write', 1_000_000, bytes, 0, 1],
  ['pwritev2', 1_000_000, bytes, 0, 1, true],
  ['flock', 1_000_000, 2],
  ['close', 1_000_000],
  ['lseek', 1_000_000, 0, 0],
  ['pipe', true],
  ['packetPipe'],
  ['dup', 1_000_000, 0, true],
  ['dup2', 1_000_000, 1_000_000, true],
  ['poll', 1_000_000, 1, 0],
  ['setCloexec', 1_000_000, true],
  ['setNonblock', 1_000_000, true],
  ['socket', 2, 1, 0, true],
  ['setsockopt', 1_000_000, 'SO_REUSEADDR', 1],
  ['bindInet', 1_000_000, 2, '127.0.0.1', 0],
  ['bindUnix', 1_000_000, '/nowhere'],
  ['listen', 1_000_000, 1],
  ['accept', 1_000_000, true],
  ['acceptFd', 1_000_000, true],
  ['connectInet', 1_000_000, 2, '127.0.0.1', 0],
  ['connectUnix', 1_000_000, '/nowhere'],
  ['send', 1_000_000, bytes, 0, 1, false],
  ['shutdown', 1_000_000, 2],
  ['isListening', 1_000_000],
  ['getListenQueue', 1_000_000],
  ['getsockname', 1_000_000],
  ['getpeername', 1_000_000],
  ['socketpair', true],
  ['sendMessage', 1_000_000, bytes, 0, 1, [0]],
  ['receiveMessage', 1_000_000, bytes, 0, 1],
  ['userId', 'nobody'],
  ['groupId', 'nobody'],
  ['account', -1],
  ['groupsOf', 'nobody', -1],
  ['setresuid', -1],
  ['setresgid', -1],
  ['setgroups', [-1]],
  ['dropBoundingCapability', -1],
  ['setDumpable', true],
  ['setResourceLimit', -1, 0, 0],
  ['createSharedMemory', 'name', 1],
  ['mapSharedMemory', 1_000_000, 1, false],
];

const wrong: unknown[] = [undefined, null, '1', 1, 1n, true, {}, [1], Symbol('x'), new Uint16Array(4), () => 1];

test.each(signatures)('%s refuses arguments of another type', (name, ...right) => {
  for (const index of right.keys()) {
    for (const value of wrong.filter((value) => kind(value) !== kind(right[index]))) {
      const args = right.with(index, value);
      expect(() => call(name, args), `${name}(${args.map(String)})`).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
      );
    }
    expect(() => call(name, right.slice(0, index))).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  }
});

test.each(signatures)('%s refuses a number that is no integer', (name, ...right) => {
  for (const [index, value] of right.entries()) {
    if (typeof value !== 'number') continue;
    for (const number of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 63)]) {
      expect(() => call(name, right.with(index, number))).toThrow(
        expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
      );
    }
  }
});

test('a method of one class refuses objects of another', () => {
  const { Acceptor, SignalWatch } = binding();
  const other = new SignalWatch(31, () => false);
  onTestFinished(() => other.close());
  const methods = Object.getOwnPropertyDescriptors(Acceptor.prototype);
  expect(Object.keys(methods)).toContain('accepted');
  for (const { value, get } of Object.values(methods)) {
    if (value === Acceptor) continue;
    for (const object of [other, {}]) expect(() => (value ?? get).call(object, true)).toThrow();
  }
});

test('a port has 16 bits, a descriptor 32', () => {
  const range = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
  for (const port of [-1, 65536]) expect(() => binding().bindInet(1_000_000, 2, '127.0.0.1', port)).toThrow(range);
  for (const fd of [2 ** 31, -(2 ** 31) - 1, 2 ** 32]) expect(() => binding().close(fd)).toThrow(range);
  expect(() => binding().close(2 ** 31 - 1)).toThrow('close EBADF');
});

test('the part of a buffer lies inside it', () => {
  const range = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
  for (const [offset, length] of [
    [-1, 1],
    [0, 9],
    [8, 1],
    [9, 0],
    [1, -1],
    [4, 2 ** 40],
  ] as const) {
    expect(() => binding().read(1_000_000, bytes, offset, length), `${offset}, ${length}`).toThrow(range);
  }
  expect(() => binding().read(1_000_000, bytes, 8, 0)).toThrow('read EBADF');
});

test('a string that C would cut short is refused', () => {
  const value = expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
  expect(() => binding().open('/etc/passwd\0.txt', 0, 0)).toThrow(value);
  expect(() => binding().execve('/bin/true\0', ['true'], [])).toThrow(value);
  expect(() => binding().execve('/nowhere', ['a\0b'], [])).toThrow(value);
  expect(() => binding().execve('/nowhere', ['a'], ['A=\0'])).toThrow(value);
  expect(() => binding().createSharedMemory('a\0b', 1)).toThrow(value);
  expect(() => binding().bindUnix(1_000_000, '/tmp/a\0b')).toThrow(value);
  expect(() => binding().bindInet(1_000_000, 2, '127.0.0.1\0', 0)).toThrow(value);
});

test('an acceptor is made of a descriptor and a function', () => {
  const type = expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  const { Acceptor } = binding();
  for (const value of wrong) {
    if (typeof value !== 'number') expect(() => new Acceptor(value as number, () => {})).toThrow(type);
    if (typeof value !== 'function') expect(() => new Acceptor(1_000_000, value as () => void)).toThrow(type);
  }
  for (const fd of [1.5, 2 ** 31]) {
    expect(() => new Acceptor(fd, () => {})).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
});

test('an array is of descriptors', () => {
  for (const [value, code] of [
    ['1', 'ERR_INVALID_ARG_TYPE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
  ] as const) {
    const fds = [0, value] as number[];
    expect(() => binding().sendMessage(1_000_000, bytes, 0, 1, fds)).toThrow(expect.objectContaining({ code }));
  }
});

test('an array is of strings, and what its elements throw is passed on', () => {
  expect(() => binding().execve('/nowhere', ['x', 1] as string[], [])).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  const argv = Object.defineProperty(['x'], 0, {
    get() {
      throw new RangeError('mine');
    },
  });
  expect(() => binding().execve('/nowhere', argv, [])).toThrow('mine');
});

function call(name: keyof Binding, args: unknown[]): unknown {
  return (binding()[name] as (...args: unknown[]) => unknown)(...args);
}

/** Values of one kind can stand in for each other. */
function kind(value: unknown): string {
  if (value instanceof Uint8Array) return 'Uint8Array';
  return Array.isArray(value) ? 'array' : typeof value;
}
