import { expect, test } from 'vitest';
import { FreePorts } from '../../../../src/monitor/policy/free-ports.js';
import type { Hold } from '../../../../src/monitor/policy/listen-sockets.js';
import { SocketHolders } from '../../../../src/monitor/policy/socket-holders.js';

const own = (...ids: number[]) => new Map(ids.map((id): [number, Hold] => [id, 'own']));

test('a worker holds what its zygote held when it was forked, and what it asked for since', () => {
  const holders = new SocketHolders<{ name: string }>();
  const [zygote, worker, sibling] = [{ name: 'zygote' }, { name: 'worker' }, { name: 'sibling' }];
  holders.hold(zygote, own(1));
  holders.forked(worker, zygote);
  holders.forked(sibling, zygote);
  holders.hold(worker, new Map([[2, 'stand-in']]));
  expect(holders.of(1, worker)).toEqual({ mine: 'own', others: ['own'] }); // The zygote counts for its workers not.
  expect(holders.of(2, sibling)).toEqual({ mine: undefined, others: ['stand-in'] });
  expect(holders.of(1, zygote)).toEqual({ mine: 'own', others: ['own', 'own'] });
  expect(holders.of(1, { name: 'stranger' })).toEqual({ mine: undefined, others: ['own', 'own', 'own'] });

  holders.release(worker, [1]);
  holders.gone(sibling);
  expect(holders.of(1, worker)).toEqual({ mine: undefined, others: [] });
  expect([holders.isHeld(1, true), holders.isHeld(1, false)]).toEqual([false, true]);
  holders.gone(zygote);
  holders.gone(worker);
  expect([1, 2].some((id) => holders.isHeld(id, false))).toBe(false);
});

test('workers are told which of the sockets that they inherit are closed', () => {
  const holders = new SocketHolders<object>();
  const [zygote, worker, later] = [{}, {}, {}];
  holders.hold(zygote, own(1, 2));
  holders.forked(worker, zygote);
  expect(holders.closedOf(worker)).toEqual([]);
  holders.closed(1);
  holders.forked(later, zygote);
  expect(holders.closedOf(later)).toEqual([1]);
  expect(holders.of(1, later)).toEqual({ mine: undefined, others: [] });
  expect(holders.of(2, later)).toEqual({ mine: 'own', others: ['own'] });
});

test('ports of servers that ask for any, in their order', () => {
  const ports = new FreePorts();
  const seeker = { host: undefined, ipv6Only: false, order: 0 };
  ports.add(seeker, 80);
  ports.add(seeker, 81);
  expect(ports.of(seeker)).toEqual([80, 81]);
  for (const other of [{ host: '::' }, { ipv6Only: true }, { order: 1 }]) {
    expect(ports.of({ ...seeker, ...other })).toEqual([]);
  }
});
