import { constants, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { binding } from '../../src/posix/binding.js';
import { temporaryFolder } from '../helpers/folder.js';
import { descriptorFlags } from '../helpers/proc.js';
import { closing, portOf } from '../helpers/sockets.js';

const b = binding();
const [UNIX, INET, INET6] = [1, 2, 10];
const STREAM = 1;
const O_CLOEXEC = 0o2000000;
const [SHUT_RD, SHUT_WR] = [0, 1];

const inet = [
  { family: 'IPv4', number: INET, host: '127.0.0.1', any: '0.0.0.0' },
  { family: 'IPv6', number: INET6, host: '::1', any: '::' },
] as const;

/** Some containers have no IPv6 address, not even ::1. */
const hasIpv6 = networkInterfaces().lo?.some(({ family }) => family === 'IPv6');
const reachable = inet.filter(({ number }) => number === INET || hasIpv6);

test.each(reachable)("$family: each end knows its own address and its peer's", ({ family, number, host }) => {
  const listener = listening(number, host);
  const client = closing(b.socket(number, STREAM, 0, true));
  b.connectInet(client, number, host, portOf(listener));
  const accepted = b.accept(listener, true);
  closing(accepted.fd);

  expect(b.getsockname(listener)).toEqual({ family, address: host, port: expect.any(Number) });
  expect(accepted.address).toEqual({ family, address: host, port: portOf(client) });
  expect(b.getpeername(accepted.fd)).toEqual(b.getsockname(client));
  expect(b.getpeername(client)).toEqual(b.getsockname(listener));
  expect(b.getsockname(accepted.fd)).toEqual(b.getsockname(listener));
});

test.each(inet)('$family: bound to $any, it has a port', ({ family, number, any }) => {
  const listener = listening(number, any);
  expect(b.getsockname(listener)).toEqual({ family, address: any, port: expect.any(Number) });
  expect(portOf(listener)).toBeGreaterThan(0);
});

test.each([
  ['a path', () => join(temporaryFolder(), 'socket')],
  ['the longest path, of 107 bytes', () => join(temporaryFolder(), 'x'.repeat(200)).slice(0, 107)],
  ['a path that is not ASCII', () => join(temporaryFolder(), 'ソケット')],
  ['an abstract name', () => `\0prefork ${process.pid}`],
  ['an abstract name with NULs in it', () => `\0prefork\0${process.pid}\0`],
  ['the longest abstract name, of 108 bytes', () => `\0prefork ${process.pid} ${'x'.repeat(108)}`.slice(0, 108)],
])('unix domain: %s', (_, make) => {
  const path = make();
  const listener = closing(b.socket(UNIX, STREAM, 0, true));
  b.bindUnix(listener, path);
  b.listen(listener, 1);
  if (!path.startsWith('\0')) expect(statSync(path).isSocket()).toBe(true);

  const client = closing(b.socket(UNIX, STREAM, 0, true));
  b.connectUnix(client, path);
  const accepted = b.accept(listener, true);
  closing(accepted.fd);
  expect(b.getsockname(listener)).toEqual({ family: 'unix', path });
  expect(b.getpeername(client)).toEqual({ family: 'unix', path });
  expect(accepted.address).toEqual({ family: 'unix', path: '' });
  expect(b.getsockname(client)).toEqual({ family: 'unix', path: '' });
});

test.each([true, false])('socket and accept with cloexec %s', (cloexec) => {
  const wanted = cloexec ? O_CLOEXEC : 0;
  const listener = listening(INET, '127.0.0.1');
  const client = closing(b.socket(INET, STREAM, 0, cloexec));
  b.connectInet(client, INET, '127.0.0.1', portOf(listener));
  const accepted = closing(b.accept(listener, cloexec).fd);
  b.connectInet(closing(b.socket(INET, STREAM, 0, true)), INET, '127.0.0.1', portOf(listener));
  const unasked = closing(b.acceptFd(listener, cloexec));
  expect([client, accepted, unasked].map((fd) => descriptorFlags(fd) & O_CLOEXEC)).toEqual(Array(3).fill(wanted));
});

test('accept gives connections in the order in which they came', () => {
  const listener = listening(INET, '127.0.0.1', 16);
  const ports = Array.from({ length: 10 }, () => {
    const client = closing(b.socket(INET, STREAM, 0, true));
    b.connectInet(client, INET, '127.0.0.1', portOf(listener));
    return portOf(client);
  });
  const accepted = ports.map(() => b.accept(listener, true));
  for (const { fd } of accepted) closing(fd);
  expect(accepted.map(({ address }) => (address as { port: number }).port)).toEqual(ports);
});

test('SO_REUSEADDR lets a port be bound whose connections linger in TIME_WAIT', () => {
  const listener = b.socket(INET, STREAM, 0, true);
  b.setsockopt(listener, 'SO_REUSEADDR', 1); // Its connections take it over; both sides of the conflict have to have it.
  b.bindInet(listener, INET, '127.0.0.1', 0);
  b.listen(listener, 1);
  const port = portOf(listener);
  const client = closing(b.socket(INET, STREAM, 0, true));
  b.connectInet(client, INET, '127.0.0.1', port);
  b.close(b.accept(listener, true).fd); // The side that closes first gets TIME_WAIT.
  b.close(listener);
  b.shutdown(client, SHUT_WR);

  const again = closing(b.socket(INET, STREAM, 0, true));
  b.setsockopt(again, 'SO_REUSEADDR', 0);
  expect(() => b.bindInet(again, INET, '127.0.0.1', port)).toThrow('bind EADDRINUSE');
  b.setsockopt(again, 'SO_REUSEADDR', 1);
  b.bindInet(again, INET, '127.0.0.1', port);
  expect(portOf(again)).toBe(port);
});

test('SO_REUSEPORT: two that ask for it listen on one port', () => {
  const first = closing(b.socket(INET, STREAM, 0, true));
  b.setsockopt(first, 'SO_REUSEPORT', 1);
  b.bindInet(first, INET, '127.0.0.1', 0);
  b.listen(first, 1);
  const second = closing(b.socket(INET, STREAM, 0, true));
  expect(() => b.bindInet(second, INET, '127.0.0.1', portOf(first))).toThrow('bind EADDRINUSE');
  b.setsockopt(second, 'SO_REUSEPORT', 1);
  b.bindInet(second, INET, '127.0.0.1', portOf(first));
  b.listen(second, 1);
});

test('isListening: from listen(2) on, to shutdown(2)', () => {
  const fd = closing(b.socket(INET, STREAM, 0, true));
  b.bindInet(fd, INET, '127.0.0.1', 0);
  expect(b.isListening(fd)).toBe(false);
  b.listen(fd, 1);
  expect(b.isListening(fd)).toBe(true);
  b.shutdown(fd, SHUT_RD);
  expect(b.isListening(fd)).toBe(false);
});

test.each([true, false])('IPV6_V6ONLY %s', (only) => {
  const listener = closing(b.socket(INET6, STREAM, 0, true));
  b.setsockopt(listener, 'IPV6_V6ONLY', Number(only));
  b.bindInet(listener, INET6, '::', 0);
  b.listen(listener, 1);
  const client = closing(b.socket(INET, STREAM, 0, true));
  const connect = () => b.connectInet(client, INET, '127.0.0.1', portOf(listener));
  if (only) return expect(connect).toThrow('connect ECONNREFUSED');
  connect();
  const accepted = b.accept(listener, true);
  closing(accepted.fd);
  expect(accepted.address).toEqual({ family: 'IPv6', address: '::ffff:127.0.0.1', port: portOf(client) });
});

test('a read and a write that take longer than their time limits fail with EAGAIN', () => {
  const [client, server] = connection();
  b.setsockopt(client, 'SO_RCVTIMEO', 20);
  b.setsockopt(client, 'SO_SNDTIMEO', 20);
  const chunk = new Uint8Array(1 << 20);
  expect(() => b.read(client, chunk, 0, 1)).toThrow(expect.objectContaining({ code: 'EAGAIN', syscall: 'read' }));
  for (const syscall of ['write', 'send'] as const) {
    expect(() => {
      for (;;) b[syscall](client, chunk, 0, chunk.length, false);
    }).toThrow(expect.objectContaining({ code: 'EAGAIN', syscall }));
  }
  b.setsockopt(client, 'SO_RCVTIMEO', 0);
  b.write(server, chunk, 0, 1);
  expect(b.read(client, chunk, 0, 1)).toBe(1);
});

test('a send without waiting takes what there is room for, and fails with EAGAIN when there is none', () => {
  const [client] = connection();
  const chunk = new Uint8Array(1 << 20);
  expect(b.send(client, chunk, 0, chunk.length, true)).toBeGreaterThan(0);
  expect(() => {
    for (;;) b.send(client, chunk, 0, chunk.length, true);
  }).toThrow(expect.objectContaining({ code: 'EAGAIN', syscall: 'send' }));
  expect(descriptorFlags(client) & constants.O_NONBLOCK).toBe(0);
});

test('a time limit of part of a second, of seconds, and none', () => {
  const [client] = connection();
  for (const name of ['SO_RCVTIMEO', 'SO_SNDTIMEO'] as const) {
    for (const limit of [1, 999, 1000, 1001, 2 ** 31 - 1, 0]) b.setsockopt(client, name, limit);
    expect(() => b.setsockopt(client, name, -1)).toThrow('setsockopt EDOM');
  }
});

test('shutdown ends one direction, for every descriptor of the connection', () => {
  const [client, server] = connection();
  const copy = closing(b.dup(client, 0, true));
  b.shutdown(client, SHUT_WR);
  expect(b.read(server, new Uint8Array(1), 0, 1)).toBe(0);
  expect(() => b.write(copy, new Uint8Array(1), 0, 1)).toThrow(expect.objectContaining({ code: 'EPIPE' }));
  b.write(server, new Uint8Array(1), 0, 1);
  expect(b.read(copy, new Uint8Array(1), 0, 1)).toBe(1);
  b.shutdown(client, SHUT_RD);
  expect(b.read(copy, new Uint8Array(1), 0, 1)).toBe(0);
});

test('disconnect ends a connection, for every descriptor of it, and the socket may listen then', () => {
  const [client] = connection();
  const copy = closing(b.dup(client, 0, true));
  b.disconnect(client);
  expect(() => b.getpeername(copy)).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
  b.listen(client, 1);
  expect(b.isListening(copy)).toBe(true);
});

test('a link-local address carries its interface', () => {
  const fd = closing(b.socket(INET6, STREAM, 0, true));
  expect(() => b.bindInet(fd, INET6, 'fe80::1%lo', 0)).toThrow(
    expect.objectContaining({ code: 'EADDRNOTAVAIL', address: 'fe80::1%lo' }),
  );
});

function connection(): [client: number, server: number] {
  const listener = listening(INET, '127.0.0.1');
  const client = closing(b.socket(INET, STREAM, 0, true));
  b.connectInet(client, INET, '127.0.0.1', portOf(listener));
  return [client, closing(b.accept(listener, true).fd)];
}

function listening(family: number, host: string, backlog = 1): number {
  const fd = closing(b.socket(family, STREAM, 0, true));
  b.bindInet(fd, family, host, 0);
  b.listen(fd, backlog);
  return fd;
}
