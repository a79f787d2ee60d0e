import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ListenAddress, listenAddressText, parseListenAddress } from '../../../src/net/address.js';
import {
  address,
  choice,
  duration,
  integer,
  list,
  percentage,
  size,
  text,
  toggle,
} from '../../../src/settings/kinds.js';

const time = duration({ zero: true });
const some = duration({ zero: false });

test.each([
  ['30', 30_000],
  ['1.5', 1500],
  ['500ms', 500],
  ['100.4ms', 100],
  ['30s', 30_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['24d', 2_073_600_000],
  ['0', 0],
  ['0ms', 0],
  [250, 250],
  [0, 0],
])('the time %j has %i milliseconds', (given, milliseconds) => {
  expect(time.read(given)).toBe(milliseconds);
});

test.each(
  [
    [
      '',
      '-1',
      '+1',
      '1e3',
      '.5',
      '1.',
      '1 s',
      '1S',
      '1w',
      '99ms',
      '25d',
      'Infinity',
      ' 1',
      '1\n',
      99,
      -1,
      NaN,
      Infinity,
    ],
    [true, null, {}, [], ['1']],
  ]
    .flat(1)
    .map((each) => [each]),
)('%j is no time', (given) => {
  expect(time.read(given)).toBeUndefined();
});

test('some times may not be 0', () => {
  expect(some.read('0')).toBeUndefined();
  expect(some.read(0)).toBeUndefined();
  expect(some.read('0.1')).toBe(100);
});

test.each([
  ['300M', 300 * 2 ** 20],
  ['300m', 300 * 2 ** 20],
  ['1.5G', 1.5 * 2 ** 30],
  ['2048K', 2 ** 21],
  ['1T', 2 ** 40],
  ['1048576', 2 ** 20],
  ['0', 0],
  [2 ** 30, 2 ** 30],
])('the size %j has %i bytes', (given, bytes) => {
  expect(size.read(given)).toBe(bytes);
});

test.each([['300'], ['1KB'], ['1MiB'], ['-1M'], ['M'], ['1025T'], [300], [-1], [true]])('%j is no size', (given) => {
  expect(size.read(given)).toBeUndefined();
});

test('per cent are parts of 1', () => {
  expect(percentage.read('10')).toBe(0.1);
  expect(percentage.read('7%')).toBe(0.07);
  expect(percentage.read('12.5%')).toBe(0.125);
  expect(percentage.read(0.07)).toBe(0.07);
  for (const bad of ['101', '-1', '', '%', '1e1', 1.01, -0.1, NaN]) expect(percentage.read(bad)).toBeUndefined();
});

test('yes and no', () => {
  for (const yes of [true, 'true', 'yes', 'on', '1']) expect(toggle.read(yes)).toBe(true);
  for (const no of [false, 'false', 'no', 'off', '0']) expect(toggle.read(no)).toBe(false);
  for (const bad of ['', 'TRUE', '2', 1, 0, null]) expect(toggle.read(bad)).toBeUndefined();
});

test('whole numbers, words and text', () => {
  const digit = integer(0, 9);
  for (const good of ['7', '007', 7]) expect(digit.read(good)).toBe(7);
  for (const bad of ['', '10', '-1', '1.0', '0x1', 10, 1.5, -1, [7]]) expect(digit.read(bad)).toBeUndefined();
  const word = choice('plain', 'json');
  expect(word.read('json')).toBe('json');
  expect(word.read('jso')).toBeUndefined();
  expect(text('file').read('a b')).toBe('a b');
  for (const bad of ['', 'a\0b', 1, null]) expect(text('file').read(bad)).toBeUndefined();
});

test('a list is an array, one value, or text with commas', () => {
  const digits = list(integer(0, 9));
  expect(digits.read(['1', 2])).toEqual([1, 2]);
  expect(digits.read('1,2')).toEqual([1, 2]);
  expect(digits.read(3)).toEqual([3]);
  expect(digits.read([''])).toEqual([]);
  expect(digits.read('')).toEqual([]);
  expect(digits.read('1,x')).toBeUndefined();
  expect(digits.read([1, 10])).toBeUndefined();
});

describe('where to listen', () => {
  test.each([
    ['0', { port: 0 }],
    ['65535', { port: 65535 }],
    ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['localhost:080', { host: 'localhost', port: 80 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }],
    ['unix:/run/a:1.sock', { path: '/run/a:1.sock' }],
    ['unix:a', { path: 'a' }],
    ['unix:@a b', { path: '\0a b' }],
    ['unix:./@a', { path: './@a' }],
    [`unix:@${'a'.repeat(107)}`, { path: `\0${'a'.repeat(107)}` }],
    [`unix:${'a'.repeat(107)}`, { path: 'a'.repeat(107) }],
  ])('%j', (given, expected) => {
    expect(parseListenAddress(given)).toEqual(expected);
    expect(address.read(given)).toEqual(expected);
    expect(address.read(address.write(expected))).toEqual(expected);
  });

  test.each([
    [''],
    ['65536'],
    ['-1'],
    [':80'],
    ['host'],
    ['host:'],
    ['::1:80'],
    ['[::1]'],
    ['[host]:80'],
    ['[]:80'],
    ['a b:80'],
    ['http://a:80'],
    ['80\n'],
    ['unix:'],
    ['unix:@'],
    [`unix:@${'a'.repeat(108)}`],
    ['unix:a\0'],
    [`unix:${'é'.repeat(54)}`],
  ])('%j is none', (given) => {
    expect(parseListenAddress(given)).toBeUndefined();
    expect(address.read(given)).toBeUndefined();
  });

  test('a port may be a number', () => {
    expect(address.read(8080)).toEqual({ port: 8080 });
    expect(address.read(-1)).toBeUndefined();
  });
});

describe('what is written is read again', () => {
  test.each([
    ['times', time, fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 24 * 86_400_000 }))],
    ['sizes', size, fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 20, max: 2 ** 50 }))],
    ['per cent', percentage, fc.integer({ min: 0, max: 100_000 }).map((each) => Number(`${each}e-5`))],
    ['whole numbers', integer(0, 512), fc.nat(512)],
    ['yes and no', toggle, fc.boolean()],
  ] as const)('%s', (_, kind, values) => {
    fc.assert(fc.property(values as fc.Arbitrary<never>, (value) => kind.read(kind.write(value)) === value));
  });
});

/** Addresses are given as text. */
function asGiven(read: unknown): unknown {
  if (Array.isArray(read)) return read.map(asGiven);
  return typeof read === 'object' ? listenAddressText(read as ListenAddress) : read;
}

test('whatever is read, it fails in no other way than by undefined', () => {
  const kinds = [time, some, size, percentage, toggle, address, integer(0, 9), choice('a'), text('x'), list(address)];
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string()), fc.constantFrom(...kinds), (value, kind) => {
      const read = kind.read(value);
      expect(read === undefined || kind.read(asGiven(read)) !== undefined).toBe(true);
    }),
  );
});
