import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressText,
  isListenAddress,
  type ListenAddress,
  listenAddressText,
  nodeAddressText,
  parseListenAddress,
  socketAddress,
} from '../../../src/net/address.js';

test('where to listen, written as text, is read again', () => {
  const port = fc.nat(65535);
  const name = fc.stringMatching(/^[\w/.:-][\w/.: @-]{0,100}$/);
  const path = fc.tuple(fc.constantFrom('', '\0'), name).map((parts) => parts.join(''));
  const addresses: fc.Arbitrary<ListenAddress> = fc.oneof(
    fc.record({ port }),
    fc.record({ port, host: fc.oneof(fc.ipV4(), fc.domain(), fc.ipV6(), fc.constant('::ffff:127.0.0.1')) }),
    fc.record({ path }),
  );
  fc.assert(
    fc.property(addresses, (address) => {
      expect(isListenAddress(JSON.parse(JSON.stringify(address)))).toBe(true);
      expect(parseListenAddress(listenAddressText(address))).toEqual(address);
    }),
  );
});

test.each([[null], ['80'], [{}], [{ port: 1.5 }], [{ port: '80' }], [{ port: 80, host: 1 }], [{ path: 1, port: 80 }]])(
  '%j says nowhere to listen',
  (value) => expect(isListenAddress(value)).toBe(false),
);

test('the address of a socket that listens there', () => {
  expect(socketAddress({ port: 80 })).toEqual({ family: 'IPv6', address: '::', port: 80 });
  expect(socketAddress({ host: '127.0.0.1', port: 80 })).toEqual({ family: 'IPv4', address: '127.0.0.1', port: 80 });
  expect(socketAddress({ path: '/a' })).toEqual({ family: 'unix', path: '/a' });
});

test('addresses in words', () => {
  expect(addressText({ family: 'IPv6', address: '::1', port: 80 })).toBe('[::1]:80');
  expect(addressText({ address: '::ffff:127.0.0.1', port: 80 })).toBe('127.0.0.1:80');
  expect(addressText({ family: 'unix', path: '/a' })).toBe('/a');
  expect(addressText({ family: 'unix', path: '\0a\0b\0\0' })).toBe('@a@b');
  expect(addressText({ family: 'unix', path: '' })).toBe('unix socket');
});

test('what Node tells of a server', () => {
  expect(nodeAddressText('/a')).toBe('/a');
  expect(nodeAddressText({ address: '::1', port: 80 })).toBe('[::1]:80');
  expect(nodeAddressText({ address: null, port: 80, addressType: 4 })).toBe('[::]:80');
  expect(nodeAddressText({ address: '/a', port: -1, addressType: -1 })).toBe('/a');
});
