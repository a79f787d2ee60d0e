// prefork start: which worker takes a connection, and that one does.
import { readFileSync } from 'node:fs';
import type { NetConnectOpts } from 'node:net';
import { expect, test } from 'vitest';
import { readServer } from '../../../src/scoreboard/index.js';
import type { Status } from '../../../src/status/index.js';
import { statusOf } from '../../fixtures/listen/ask.js';
import { connect } from '../../helpers/client.js';
import { type HttpConnection, open } from '../../helpers/http.js';
import { targetOf } from '../../helpers/http-runtimes.js';
import { type Running, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

async function serve(app: string, workers: number, ...flags: string[]) {
  const running = await startPrefork(['start', '-w', `${workers}`, ...flags, `test/fixtures/apps/${app}`]);
  const [, address = ''] = await running.stderr.line(/serving on (\S+) with/);
  return { running, target: targetOf(address) };
}

/** Once the scoreboard, which is brought up to date once a second, says that so many connections were taken and are open. */
async function statusAt(running: Running, accepted: number, connections: number): Promise<Status> {
  const sum = (name: 'accepted' | 'connections') =>
    readServer(running.pid).workers.reduce((total, worker) => total + worker[name], 0);
  await eventually('all are counted', () => sum('accepted') === accepted && sum('connections') === connections);
  return statusOf(running);
}

/** How many connections wait to be accepted. proc_net(5). */
function queued(target: NetConnectOpts): number {
  const port = (target as { port: number }).port.toString(16).toUpperCase().padStart(4, '0');
  const found = new RegExp(`:${port} \\S+ 0A \\w+:(\\w+)`).exec(readFileSync('/proc/net/tcp6', 'latin1'));
  return Number.parseInt(found?.[1] ?? '', 16);
}

async function get(client: HttpConnection, path: string): Promise<string> {
  client.send(`GET ${path} HTTP/1.1\r\nHost: app\r\n\r\n`);
  return (await client.answer()).body;
}

test('--concurrency 1: each worker holds one client; a third waits until one leaves', async () => {
  const { running, target } = await serve('http.mjs', 2, '--concurrency', '1');
  const [first, second] = [await open(target), await open(target)];
  const pids = [await get(first, '/pid'), await get(second, '/pid')];
  expect(new Set(pids).size).toBe(2);

  const third = await open(target);
  let answered = false;
  const answer = get(third, '/pid').finally(() => {
    answered = true;
  });
  // Their event loops turn, and leave it alone.
  for (let i = 0; i < 10; i++) expect([await get(first, '/pid'), await get(second, '/pid')]).toEqual(pids);
  expect(queued(target)).toBe(1);
  expect((await statusAt(running, 2, 2)).totals).toMatchObject({ accepted: 2, connections: 2 });
  expect(answered).toBe(false);
  second.socket.end();
  expect(await answer).toBe(pids[1]);
});

test('a worker whose event loop is blocked leaves new connections to its sibling', async () => {
  const { target } = await serve('http.mjs', 2);
  const client = await open(target);
  // In one write: once the first is answered, the worker is in the second.
  client.send(['/pid', '/block?ms=3000'].map((path) => `GET ${path} HTTP/1.1\r\nHost: app\r\n\r\n`).join(''));
  const { body: blocked } = await client.answer();
  let over = false;
  const end = client.answer().finally(() => {
    over = true;
  });
  for (let i = 0; i < 20; i++) expect(await get(await open(target), '/pid')).not.toBe(blocked);
  expect(over).toBe(false);
  expect((await end).body).toBe('blocked\n');
});

test('600 connections, one after the other, are taken by all workers alike', async () => {
  const { target } = await serve('net.mjs', 6);
  const taken = new Map<string, number>();
  for (let i = 0; i < 600; i++) {
    const client = await connect(target);
    const [pid] = await client.line(/^\d+$/);
    client.end();
    await client.closed;
    taken.set(pid, (taken.get(pid) ?? 0) + 1);
  }
  expect(taken.size).toBe(6);
  // In turn; but a worker that is busy, or has just looked at the queue of itself, is passed over.
  for (const count of taken.values()) expect(Math.abs(count - 100)).toBeLessThanOrEqual(40);
});

test('600 connections at once are taken once each', async () => {
  const { running, target } = await serve('net.mjs', 6);
  const clients = await Promise.all(Array.from({ length: 600 }, () => connect(target)));
  const pids = await Promise.all(clients.map(async (client) => (await client.line(/^\d+$/))[0]));
  const { workers } = await statusAt(running, 600, 600);
  for (const { pid, accepted } of workers) expect(pids.filter((each) => each === `${pid}`)).toHaveLength(accepted);
  for (const client of clients) client.end();
  await Promise.all(clients.map(({ closed }) => closed));
  expect(clients.map(({ text }) => text)).toEqual(pids.map((pid) => `${pid}\n`));
});
