import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inspect } from '../../../dist/inspect/index.js';
import type { Figure } from '../../../src/figure/figure.js';
import type { History, Status } from '../../../src/status/index.js';
import { openDescriptors } from '../../helpers/proc.js';
import { type Running, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/apps/http.mjs';
const LISTEN = '0A';

interface Served {
  readonly server: Running;
  /** Where the app is. */
  readonly app: string;
  /** Where the status is. */
  readonly status: string;
}

async function startServed(): Promise<Served> {
  const server = await startPrefork(['start', '--workers', '3', '--status-port', '0', APP]);
  const [, port] = await server.line(/serving on \S+:(\d+) with 3 workers/);
  const local = (number: number) => `http://127.0.0.1:${number}`;
  return { server, app: local(Number(port)), status: local(statusPort(server.pid, Number(port))) };
}

/** The port on which a process listens beside a known one. proc_net(5). */
function statusPort(pid: number, known: number): number {
  const own = new Set(openDescriptors(pid).values());
  for (const line of readFileSync(`/proc/${pid}/net/tcp`, 'latin1').split('\n')) {
    const [, address, , state, , , , , , inode] = line.trim().split(/\s+/);
    const port = Number.parseInt(address?.split(':')[1] ?? '', 16);
    if (state === LISTEN && own.has(`socket:[${inode}]`) && port !== known) return port;
  }
  throw new Error(`process ${pid} listens on no other port`);
}

function get(url: string): Promise<Response> {
  return fetch(url, { headers: { connection: 'close' } });
}

/** Asks again and again until the status is as expected. */
function statusWhere(served: Served, holds: (now: Status) => boolean): Promise<Status> {
  return answerWhere(`${served.status}/status.json`, holds);
}

async function answerWhere<T>(url: string, holds: (now: T) => boolean): Promise<T> {
  let last: T | undefined;
  const asking = new AbortController();
  const ask = async () => {
    while (!asking.signal.aborted) last = (await (await get(url)).json()) as T;
  };
  const asked = ask();
  try {
    return await eventually('the answer is as expected', () => last !== undefined && holds(last) && last);
  } finally {
    asking.abort();
    await asked;
  }
}

test('each connection and request of a running server is counted, by whom it was served', async () => {
  const served = await startServed();
  const pids: number[] = [];
  for (let i = 0; i < 9; i++) pids.push(Number(await (await get(`${served.app}/pid`)).text()));
  const { workers, totals, monitor, zygote, description } = await statusWhere(
    served,
    (now) => now.totals.requests === 9 && now.totals.connections === 0,
  );
  for (const { pid, requests, accepted, usage } of workers) {
    expect([requests, accepted]).toEqual(Array(2).fill(pids.filter((served) => served === pid).length));
    expect(usage?.pss).toBeGreaterThan(0);
    expect(usage?.pss).toBeLessThan(usage?.rss ?? 0);
  }
  expect(workers.map(({ slot, generation, state }) => [slot, generation, state])).toEqual([
    [0, 1, 'ready'],
    [1, 1, 'ready'],
    [2, 1, 'ready'],
  ]);
  expect(totals).toMatchObject({ ready: 3, accepted: 9 });
  expect(monitor.pid).toBe(served.server.pid);
  expect(zygote?.generation).toBe(1);
  expect(description.listeners).toEqual([
    { address: expect.stringContaining(new URL(served.app).port), queued: 0, backlog: expect.any(Number) },
  ]);
});

test('prefork status sees the same from outside, by any process of the server', async () => {
  const { server, status } = await startServed();
  const { zygote, workers } = (await (await get(`${status}/status.json`)).json()) as Status;
  for (const pid of [server.pid, zygote?.pid, workers[0]?.pid]) {
    const command = await startPrefork(['status', '--json', `${pid}`]);
    expect(await command.closed).toEqual({ code: 0, signal: null });
    const seen = JSON.parse(command.stdout.text) as Status;
    expect(seen.monitor.pid).toBe(server.pid);
    expect(seen.workers.map((worker) => worker.pid)).toEqual(workers.map((worker) => worker.pid));
  }
});

test('the figure is what inspect says', async () => {
  const { server, status } = await startServed();
  const { processes, listeners, notes } = (await (await get(`${status}/figure.json`)).json()) as Figure;
  const seen = inspect([server.pid]);
  expect(processes.map(({ pid, role }) => [pid, role])).toEqual(seen.processes.map(({ pid, role }) => [pid, role]));
  const sockets = seen.descriptions.filter(({ socket }) => socket?.state === 'LISTEN');
  const held = (holders: readonly { pid: number; fd: number }[]) => holders.map(({ pid, fd }) => `${pid} ${fd}`).sort();
  expect(listeners.map(({ address, holders }) => [address, held(holders)]).sort()).toEqual(
    sockets.map(({ socket, holders }) => [socket?.local, held(holders)]).sort(),
  );
  expect(notes).toEqual([]);
});

test('a worker that is killed is counted, and its successor is there', async () => {
  const served = await startServed();
  const before = await statusWhere(served, ({ totals }) => totals.ready === 3);
  process.kill(before.workers[1]?.pid as number, 'SIGKILL');
  const after = await statusWhere(
    served,
    ({ description, totals }) => description.counters.forked === 4 && totals.ready === 3,
  );
  expect(after.description.counters).toMatchObject({ died: 1, forked: 4 });
  expect(after.workers.map(({ pid }) => pid)).not.toContain(before.workers[1]?.pid);
});

test('the history has each request, a death and a reload, whether somebody looks or not', async () => {
  const served = await startServed();
  const { server } = served;
  const historyWhere = (holds: (now: History) => boolean) => answerWhere(`${served.status}/history.json`, holds);
  await historyWhere(({ points }) => points.length > 0);
  const pids = new Set<number>();
  for (let i = 0; i < 60; i++) pids.add(Number(await (await get(`${served.app}/pid`)).text()));
  const [victim] = pids;
  process.kill(victim as number, 'SIGKILL');
  await server.line(/died \(SIGKILL\)/);
  process.kill(server.pid, 'SIGHUP');
  await server.line(/generation 2 serves/);
  const { points } = await historyWhere((now) => marksOf(now).some(({ type }) => type === 'reloaded'));
  expect(marksOf({ points }).map(({ type, text, count }) => [type, text, count])).toEqual([
    ['died', expect.stringContaining(`(pid ${victim}) died (SIGKILL)`), 1],
    ['reload begins', 'the reload as generation 2 begins', 1],
    ['reloaded', 'generation 2 serves', 1],
  ]);
  // Those to workers that have ended since are counted as well; what is told is rounded to a tenth.
  const requests = points.map(
    ({ time, requests }, i) => ((requests ?? 0) * (time - (points[i - 1]?.time ?? 0))) / 1000,
  );
  expect(Math.round(requests.reduce((sum, number) => sum + number))).toBe(60);
  expect(points.reduce((sum, { forked }) => sum + forked, 0)).toBe(4);
  expect(points[0]?.memory).toBeGreaterThan(0);
});

function marksOf({ points }: Pick<History, 'points'>) {
  return points.flatMap(({ marks }) => marks);
}

test('an event loop that stands still is seen, while the service stays ready', async () => {
  const served = await startServed();
  const blocked = get(`${served.app}/block?ms=4000`);
  const { workers } = await statusWhere(served, (now) => now.workers.some(({ silence }) => (silence ?? 0) > 2000));
  expect(workers.filter(({ silence }) => (silence ?? 0) > 2000)).toHaveLength(1);
  expect((await get(`${served.status}/readyz`)).status).toBe(200);
  await blocked;
});

test('a server that stops is not ready but alive, as long as it answers what is in flight', async () => {
  const served = await startServed();
  const slow = get(`${served.app}/slow?ms=2000`);
  await statusWhere(served, ({ totals }) => totals.requests === 1);
  process.kill(served.server.pid, 'SIGTERM');
  const isDraining = ({ workers }: Status) => workers.some(({ state }) => state === 'draining');
  await statusWhere(served, (now) => now.description.stopping && isDraining(now));
  const ready = await get(`${served.status}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, 'the service is stopping\n']);
  expect((await get(`${served.status}/healthz`)).status).toBe(200);
  expect(await (await slow).text()).toBe('slow\n');
  expect(await served.server.closed).toEqual({ code: 0, signal: null });
  await expect(get(`${served.status}/healthz`)).rejects.toThrow();
});
