// A worker's way to its last client: what it does, and when.
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { type ClientHandleClass, Clients } from '../../../src/app/serving/clients.js';
import { Drain, type DrainOptions } from '../../../src/app/serving/drain.js';

class Connection {
  readonly writeQueueSize = 0;
  readonly bytesRead = 0;
  readonly bytesWritten = 0;
  open(): number {
    return 0;
  }
  close(): void {}
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  return () => vi.useRealTimers();
});

/** A worker with so many clients; `log` has what happened, with the time in milliseconds. */
function draining(count: number, options: Pick<DrainOptions, 'linger' | 'streamGrace'>) {
  const log: [number, string][] = [];
  const start = Date.now();
  const note = (what: string) => () => void log.push([Date.now() - start, what]);
  const clients = new Clients(0);
  const all = Array.from({ length: count }, (_, fd) => clients.adopt(fd, Connection as ClientHandleClass));
  const finish = (emptyQueue: boolean) => note(`finish(${emptyQueue})${clients.refusing ? ' while it refuses' : ''}`)();
  const drain = new Drain({
    clients,
    traffic: {
      end: note('end'),
      closeIdle: note('close idle'),
      closeUnasked: note('close unasked'),
      endStreams: note('end streams'),
    },
    listening: { handles: [{ finish }] },
    onDrained: note('drained'),
    onLate: note('late'),
    ...options,
  });
  return { drain, clients, all, log };
}

const LONG = { linger: 10_000, streamGrace: 3000 };

test('a worker that is replaced takes none from the queue, and hangs up only when the time for that is over', () => {
  const { drain, clients, log } = draining(1, LONG);
  drain.begin('replaced');
  expect(clients.full).toBe(true);
  expect(log).toEqual([
    [0, 'finish(false)'],
    [0, 'end'],
  ]);
  vi.advanceTimersByTime(9999);
  expect(log).toHaveLength(2);
  vi.advanceTimersByTime(2002);
  expect(log.slice(2)).toEqual([
    [10_000, 'close idle'],
    [10_000, 'late'],
    [10_001, 'close unasked'],
    [11_001, 'close unasked'],
    [12_001, 'close unasked'],
  ]);
});

test('when the service ends it answers who waits in the queue, and hangs up at once where nothing is under way', () => {
  const { drain, clients, log } = draining(1, LONG);
  drain.begin('stopping');
  expect(clients.full).toBe(true);
  expect(log).toEqual([
    [0, 'finish(true)'],
    [0, 'end'],
    [0, 'close idle'],
  ]);
  vi.advanceTimersByTime(4000);
  expect(log.slice(3).filter(([, what]) => what === 'close unasked')[0]).toEqual([1000, 'close unasked']);
  expect(log.filter(([, what]) => what === 'end streams')).toEqual([
    [3000, 'end streams'],
    [4000, 'end streams'],
  ]);
  expect(log.filter(([, what]) => what === 'late')).toEqual([]);
});

test('no client has longer than others are given while the service serves on', () => {
  const { drain, log } = draining(1, { linger: 200, streamGrace: 3000 });
  drain.begin('stopping');
  vi.advanceTimersByTime(200);
  expect(log.slice(3)).toEqual([
    [200, 'close unasked'],
    [200, 'end streams'],
  ]);
});

test('a service that ends while a worker is replaced hurries it, and it is late no more', () => {
  const { drain, log } = draining(1, LONG);
  drain.begin('replaced');
  vi.advanceTimersByTime(500);
  drain.begin('stopping');
  expect(log.slice(2)).toEqual([
    [500, 'finish(true)'],
    [500, 'close idle'],
  ]);
  vi.advanceTimersByTime(60_000);
  expect(log.filter(([, what]) => what === 'late' || what === 'end')).toEqual([[0, 'end']]);
});

test('it has drained when the last client is gone, and the app has heard of that', async () => {
  const { drain, all, log } = draining(2, LONG);
  drain.begin('replaced');
  const drained = () => log.filter(([, what]) => what === 'drained').length;
  all[0]?.close();
  await turn();
  expect(drained()).toBe(0);
  all[1]?.close();
  await turn();
  expect(drained()).toBe(0);
  await turn();
  expect(drained()).toBe(1);
});

test('a worker without a client has drained when it begins', async () => {
  const { drain, log } = draining(0, LONG);
  drain.begin('replaced');
  await turn();
  await turn();
  expect(log.at(-1)).toEqual([0, 'drained']);
});
