import { expect, test } from 'vitest';
import { isLocal, leadsTo } from '../../../src/net/destination.js';
import type { Address } from '../../../src/posix/index.js';

const ip = (address: string, port = 80): Address => {
  return { family: address.includes(':') ? 'IPv6' : 'IPv4', address, port };
};

test.each([
  ['127.0.0.1:80', ip('127.0.0.1'), true],
  ['127.0.0.1:80', ip('127.0.0.1', 81), false],
  ['127.0.0.1:80', ip('0.0.0.0'), true],
  ['127.0.0.1:80', ip('::'), true],
  ['127.0.0.1:80', ip('::1'), false],
  ['127.0.0.1:80', ip('::ffff:127.0.0.1'), true],
  ['127.0.0.1:80', ip('192.0.2.1'), false],
  ['[::1]:80', ip('::1'), true],
  ['[::1]:80', ip('::'), true],
  ['[::1]:80', ip('127.0.0.1'), false],
  ['localhost:80', ip('127.0.0.1'), true],
  ['localhost:80', ip('::1'), true],
  ['192.0.2.1:80', ip('0.0.0.0'), false],
  ['db.example:80', ip('::'), false],
  ['/run/app.sock', { family: 'unix', path: '/run/app.sock' }, true],
  ['/run/../run/app.sock', { family: 'unix', path: '/run/app.sock' }, true],
  ['/run/other.sock', { family: 'unix', path: '/run/app.sock' }, false],
  ['\0name', { family: 'unix', path: '\0name\0\0' }, true],
  ['127.0.0.1:80', { family: 'unix', path: '/run/app.sock' }, false],
] as const)('a client of %j reaches a server at %j: %s', (destination, address, reaches) => {
  expect(leadsTo(destination, address)).toBe(reaches);
});

test('paths and the names of the loopback are on the own machine', () => {
  const local = ['127.0.0.1:80', 'localhost:1', '[::1]:5432', '0.0.0.0:80', '/run/app.sock', '\0name'];
  expect([...local, '192.0.2.1:80', 'db.example:5432'].filter(isLocal)).toEqual(local);
});
