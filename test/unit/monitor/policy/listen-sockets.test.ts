import { describe, expect, test } from 'vitest';
import type { Hold, ListenRequest } from '../../../../src/channel/messages.js';
import { decide, isAllowed, notGiven, type SocketFacts } from '../../../../src/monitor/policy/listen-sockets.js';
import type { ListenAddress } from '../../../../src/net/address.js';
import type { Address } from '../../../../src/posix/index.js';

const ALL = '::';
const LOOPBACK = '127.0.0.1';

function wanted(address: ListenAddress, rest: Partial<ListenRequest> = {}): ListenRequest {
  return { address, ipv6Only: false, reusePort: false, first: false, has: [], backlog: 511, order: 0, ...rest };
}

function bound(host: string, port: number): Address {
  return { family: host.includes(':') ? 'IPv6' : 'IPv4', address: host, port };
}

function socket(id: number, address: Address, rest: Partial<SocketFacts> = {}): SocketFacts {
  const common = { ipv6Only: false, reusePort: false, asked: undefined, mine: undefined, others: [] };
  return { id, origin: 'opened', address, ...common, ...rest };
}

const given = (id: number, host: string, port: number, rest: Partial<SocketFacts> = {}) =>
  socket(id, bound(host, port), { origin: 'given', ...rest });

function give(sockets: Record<number, Hold>, overrides = false) {
  const entries = Object.entries(sockets).map(([id, hold]): [number, Hold] => [Number(id), hold]);
  return { type: 'give', sockets: new Map(entries), overrides };
}

const open = (...close: number[]) => ({ type: 'open', close });
const IN_USE = { type: 'in use' };

describe('what nobody has is opened', () => {
  test.each<ListenAddress>([{ port: 80 }, { port: 0 }, { host: LOOPBACK, port: 80 }, { path: '/a' }])(
    '%j',
    (address) => {
      const others = [socket(1, bound(LOOPBACK, 81)), socket(2, { family: 'unix', path: '/b' }), given(3, ALL, 82)];
      expect(decide(wanted(address), others, false)).toEqual(open());
    },
  );

  test('any free port is another one each time', () => {
    expect(decide(wanted({ port: 0 }), [socket(1, bound(ALL, 80), { asked: { port: 0 } })], false)).toEqual(open());
  });
});

describe('what another process has is given', () => {
  test.each<[ListenAddress, Address]>([
    [{ port: 80 }, bound(ALL, 80)],
    [{ host: '::', port: 80 }, bound(ALL, 80)],
    [{ host: '0:0:0:0:0:0:0:1', port: 80 }, bound('::1', 80)],
    [{ host: 'FE80::1%eth0', port: 80 }, bound('fe80::1%eth0', 80)],
    [{ host: '::ffff:127.0.0.1', port: 80 }, bound(LOOPBACK, 80)],
    [{ path: '/a' }, { family: 'unix', path: '/a' }],
  ])('%j', (address, at) => {
    expect(decide(wanted(address), [socket(1, at, { others: ['own'] })], false)).toEqual(give({ 1: 'own' }));
    // Nobody need hold it just now.
    expect(decide(wanted(address), [socket(1, at)], false)).toEqual(give({ 1: 'own' }));
    expect(decide(wanted(address), [socket(1, at, { mine: 'own' })], false)).toEqual(IN_USE);
    expect(decide(wanted(address, { has: [1] }), [socket(1, at, { mine: 'own' })], false)).toEqual(give({ 1: 'own' }));
  });

  test('all addresses, on a machine without IPv6', () => {
    const everywhere = socket(1, bound('0.0.0.0', 80), { asked: { port: 80 } });
    expect(decide(wanted({ port: 80 }), [everywhere], false)).toEqual(give({ 1: 'own' }));
  });

  test('fe80::1 of another interface is another address', () => {
    const other = socket(1, bound('fe80::1%eth1', 80), { others: ['own'] });
    expect(decide(wanted({ host: 'fe80::1%eth0', port: 80 }), [other], false)).toEqual(open());
  });
});

describe('an overlapping address', () => {
  const pairs: [string, string][] = [
    [ALL, LOOPBACK],
    [LOOPBACK, ALL],
    ['0.0.0.0', LOOPBACK],
    [ALL, '0.0.0.0'],
    [ALL, '::1'],
  ];

  test.each(pairs)('%s, where %s is', (host, other) => {
    const asked = wanted({ host, port: 80 });
    const at = (facts: Partial<SocketFacts>) => [socket(1, bound(other, 80), facts)];
    expect(decide(asked, at({ mine: 'own', others: ['own'] }), false)).toEqual(IN_USE);
    expect(decide(asked, at({}), false)).toEqual(open(1));
    expect(decide(asked, at({ others: ['own'] }), false)).toEqual(give({ 1: 'stand-in' }));
    expect(decide(asked, at({ origin: 'override' }), false)).toEqual(give({ 1: 'stand-in' }));
    // All that hold it only wait for what they asked for.
    expect(decide(asked, at({ others: ['stand-in', 'stand-in'] }), false)).toEqual(open(1));
    expect(decide({ ...asked, has: [1] }, at({ mine: 'stand-in', others: ['stand-in'] }), false)).toEqual(open(1));
    expect(decide({ ...asked, has: [1] }, at({ mine: 'stand-in', others: ['own'] }), false)).toEqual(
      give({ 1: 'stand-in' }),
    );
  });

  test.each([
    ['::', '0.0.0.0'],
    ['::', LOOPBACK],
    [LOOPBACK, '127.0.0.2'],
  ])('%s with ipv6Only, or of another host, and %s do not overlap', (host, other) => {
    const at = socket(1, bound(other, 80), { others: ['own'] });
    expect(decide(wanted({ host, port: 80 }, { ipv6Only: true }), [at], false)).toEqual(open());
  });

  test('ipv6Only and all addresses overlap, and are not the same', () => {
    const all = socket(1, bound(ALL, 80), { others: ['own'] });
    expect(decide(wanted({ port: 80 }, { ipv6Only: true }), [all], false)).toEqual(give({ 1: 'stand-in' }));
  });

  test('of several in the way, those that can be closed are', () => {
    const sockets = [socket(1, bound(LOOPBACK, 80)), socket(2, bound('::1', 80), { others: ['stand-in'] })];
    expect(decide(wanted({ port: 80 }), sockets, false)).toEqual(open(1, 2));
    const held = socket(3, bound('127.0.0.2', 80), { others: ['own'] });
    expect(decide(wanted({ port: 80 }), [...sockets, held], false)).toEqual(give({ 3: 'stand-in' }));
  });
});

describe('reusePort', () => {
  const asked = wanted({ host: LOOPBACK, port: 80 }, { reusePort: true });

  test('two servers of a process have a socket each, which their siblings share', () => {
    const sockets = [1, 2].map((id) => socket(id, bound(LOOPBACK, 80), { reusePort: true, others: ['own'] }));
    expect(decide(asked, sockets, false)).toEqual(give({ 1: 'own' }));
    const [first, second] = sockets as [SocketFacts, SocketFacts];
    expect(decide(asked, [{ ...first, mine: 'own' }, second], false)).toEqual(give({ 2: 'own' }));
    expect(decide(asked, [{ ...first, mine: 'own' }], false)).toEqual(open());
  });

  test('both have to ask for it', () => {
    expect(decide(asked, [socket(1, bound(LOOPBACK, 80), { mine: 'own' })], false)).toEqual(IN_USE);
    expect(decide(asked, [socket(1, bound(ALL, 80), { mine: 'own', reusePort: true })], false)).toEqual(open());
  });
});

describe('sockets that were given', () => {
  test('go to the server of their address, their port at least', () => {
    const sockets = [given(1, LOOPBACK, 80), given(2, ALL, 81), given(3, '::1', 80)];
    const claims = (address: ListenAddress) => decide(wanted(address), sockets, false);
    expect(claims({ host: LOOPBACK, port: 80 })).toEqual(give({ 1: 'own' }));
    expect(claims({ host: LOOPBACK, port: 81 })).toEqual(give({ 2: 'own' }));
    expect(claims({ port: 80 })).toEqual(give({ 1: 'own', 3: 'own' }));
    expect(claims({ host: '10.0.0.1', port: 80 })).toEqual(give({ 1: 'own', 3: 'own' }));
    expect(claims({ port: 82 })).toEqual(open());
    expect(claims({ port: 0 })).toEqual(open());
  });

  test('and what no server has claimed to the first one', () => {
    const sockets = [given(1, LOOPBACK, 80), given(2, LOOPBACK, 81)];
    expect(decide(wanted({ port: 3000 }, { first: true }), sockets, false)).toEqual(give({ 1: 'first', 2: 'first' }));
    expect(decide(wanted({ port: 81 }, { first: true }), sockets, false)).toEqual(give({ 2: 'own', 1: 'first' }));
    expect(decide(wanted({ port: 3000 }), sockets, false)).toEqual(open());
  });

  test('which yields what another server asks for by its address', () => {
    const sockets = [given(1, LOOPBACK, 80, { mine: 'first' }), given(2, LOOPBACK, 81, { mine: 'first' })];
    expect(decide(wanted({ port: 81 }), sockets, false)).toEqual(give({ 2: 'own' }));
    const [left, taken] = [sockets[0] as SocketFacts, given(2, LOOPBACK, 81, { mine: 'own' })];
    const again = wanted({ port: 3000 }, { first: true, has: [1] });
    expect(decide(again, [left, taken], false)).toEqual(give({ 1: 'first' }));
    expect(decide({ ...again, has: [] }, [taken], false)).toEqual(open());
  });

  test('one that another server of the process has is in use', () => {
    expect(decide(wanted({ port: 80 }), [given(1, ALL, 80, { mine: 'own' })], false)).toEqual(IN_USE);
    // Another host of the same port is another address.
    const other = given(1, '127.0.0.2', 80, { mine: 'own' });
    expect(decide(wanted({ host: LOOPBACK, port: 80 }), [other], false)).toEqual(open());
  });

  test('a path goes to its server only', () => {
    const path = socket(1, { family: 'unix', path: '/a' }, { origin: 'given' });
    expect(decide(wanted({ path: '/a' }), [path], false)).toEqual(give({ 1: 'own' }));
    expect(decide(wanted({ path: '/b' }), [path], false)).toEqual(open());
  });
});

describe('--listen', () => {
  test('is for the first server, whatever it asks for', () => {
    for (const address of [{ port: 0 }, { port: 80 }, { path: '/a' }]) {
      expect(decide(wanted(address, { first: true }), [], true)).toEqual(give({}, true));
      expect(decide(wanted(address), [], true)).toEqual(open());
    }
  });

  test('comes beside what was given', () => {
    const first = wanted({ port: 80 }, { first: true });
    expect(decide(first, [given(1, ALL, 80), given(2, ALL, 81)], true)).toEqual(give({ 1: 'own', 2: 'first' }, true));
  });

  test('an address on which a socket was given needs no other one', () => {
    const sockets = [bound(ALL, 80), bound(LOOPBACK, 81), { family: 'unix', path: '/a' } as const];
    const [port, host, path] = [{ port: 80 }, { host: LOOPBACK, port: 81 }, { path: '/a' }];
    const others = [{ port: 81 }, { host: LOOPBACK, port: 80 }, { path: '/b' }];
    expect(notGiven([port, host, path, ...others], sockets)).toEqual(others);
  });
});

test.each([
  [{ port: 80 }, [{ port: 80 }], true],
  [{ host: '127.0.0.1', port: 80 }, [{ port: 80 }], true],
  [{ port: 80 }, [{ host: '127.0.0.1', port: 80 }], false],
  [{ host: '::1', port: 80 }, [{ host: '127.0.0.1', port: 80 }], false],
  [{ host: '::1', port: 80 }, [{ host: '0:0:0:0:0:0:0:1', port: 80 }], true],
  [{ host: '::ffff:127.0.0.1', port: 80 }, [{ host: '127.0.0.1', port: 80 }], true],
  [{ host: 'fe80::1%eth0', port: 80 }, [{ host: 'fe80::1%eth1', port: 80 }], false],
  [{ port: 80 }, [{ host: '::', port: 80 }], true],
  [{ host: '0.0.0.0', port: 80 }, [{ host: '::', port: 80 }], false],
  [{ host: '127.0.0.1', port: 80 }, [{ host: '0.0.0.0', port: 80 }], false],
  [{ port: 0 }, [{ port: 0 }], false],
  [{ path: '/run/app' }, [{ path: '/run/app' }], true],
  [{ path: '/run/app2' }, [{ path: '/run/app' }, { port: 80 }], false],
  [{ port: 81 }, [], false],
] as const)('%j with %j allowed: %s', (address, allowed, expected) => {
  expect(isAllowed(address, allowed)).toBe(expected);
});
