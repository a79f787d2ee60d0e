import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { failuresOf, latenciesOf, type Pace, type Request } from '../../../src/compare/clients/paced.js';
import type { Finding, Model, RunSize } from '../../../src/compare/scenario.js';
import { ROOT, startNode } from '../../helpers/process.js';
import { HAS_STRACE } from '../../helpers/strace.js';

const SIZE: RunSize = { rounds: 1, seconds: 0.4, warmUp: 0.1, connections: 60, tries: 1, families: [1], requests: 10 };
/** Milliseconds for a test with servers of its own. */
const TIMEOUT_MS = 50_000;

type Findings = Readonly<Record<string, Finding>>;

/** Runs scenarios one after another, on one server of three workers while that lives; by their ids what was found. */
async function run(model: Model, app: 'echo' | 'http', ids: string[], env: NodeJS.ProcessEnv = {}) {
  const dist = (path: string) => JSON.stringify(join(ROOT, 'dist/compare', path));
  const program = await startNode([
    '--input-type=module',
    '--eval',
    `
    import { startServer } from ${dist('server.js')};
    import { alive } from ${dist('instruments/proc.js')};
    import { SCENARIOS } from ${dist('scenarios/index.js')};
    const server = await startServer(${JSON.stringify({ model, app, workers: 3, quiet: false })});
    Object.assign(process.env, ${JSON.stringify(env)});
    const findings = {};
    try {
      for (const id of ${JSON.stringify(ids)}) {
        const scenario = SCENARIOS.find((one) => one.id === id);
        findings[id] = await scenario.run(await alive(server), ${JSON.stringify(SIZE)});
      }
    } finally {
      await server.end();
    }
    console.log(JSON.stringify(findings));`,
  ]);
  const [line] = await program.stdout.line(/^\{.*\}$/, TIMEOUT_MS);
  return JSON.parse(line) as Findings;
}

function seen(findings: Findings, id: string): string {
  return findings[id]?.seen ?? '';
}

function sumOf({ points = [] }: Finding = {}): number {
  return points.reduce((sum, [, count]) => sum + count, 0);
}

test('under prefork the children block in accept on one description of the listener, which they have by fork', async () => {
  const findings = await run('prefork', 'echo', ['who-accepts', 'listener', 'delivery']);
  expect(seen(findings, 'who-accepts')).toMatch(
    /^3 children block in accept4?\((\d+)\); the parent merely holds it as fd \1; a client came to child \d+ \(fd \d+\)$/,
  );
  expect(seen(findings, 'listener')).toMatch(
    /^one open file description by kcmp, blocking: fd (\d+) of the parent, fd \1 of 3 children$/,
  );
  expect(seen(findings, 'delivery')).toMatch(
    /^child \d+ accepted it, on the listener that it inherited from the parent by fork/,
  );
  if (HAS_STRACE) expect(seen(findings, 'delivery')).toMatch(/accept4? in child \d+, no descriptor passed$/);
});

test('under prefork a fourth client waits in the kernel, and a dead child or parent takes along its own', async () => {
  const findings = await run('prefork', 'echo', [
    'spread-slowly',
    'spread-at-once',
    'fourth-client',
    'worker-dies',
    'parent-dies',
  ]);
  for (const id of ['spread-slowly', 'spread-at-once']) {
    expect(sumOf(findings[id])).toBe(SIZE.connections);
    expect(findings[id]?.points).toHaveLength(3);
  }
  expect(findings['fourth-client']?.figures).toEqual({ answered: null });
  expect(findings['fourth-client']?.note).toMatch(/no answer within/);
  expect(seen(findings, 'fourth-client')).toMatch(
    /accepted by nobody: it waits in the listener’s queue of 1, with 6 bytes unread; when .* it was answered after/,
  );
  expect(findings['worker-dies']?.figures).toEqual({ clients: 3, lost: 1 });
  expect(seen(findings, 'worker-dies')).toMatch(/2 were answered on; child \d+ was there after/);
  expect(findings['parent-dies']?.figures).toEqual({ workersLeft: 0, connectionsKept: 0, newOnesServed: 0 });
});

test('workers of prefork start wait in epoll for a listener that they have by fork, and serve a fourth client', async () => {
  const ids = ['who-accepts', 'listener', 'delivery', 'fourth-client', 'worker-dies', 'parent-dies'];
  const findings = await run('start', 'echo', ids);
  expect(seen(findings, 'who-accepts')).toMatch(
    /^3 workers wait for fd \d+ in epoll_p?wait2?\(\d+\); the monitor merely/,
  );
  expect(seen(findings, 'listener')).toMatch(
    /^one open file description by kcmp, non-blocking: .* of the monitor, .* of the zygote, .* of 3 workers$/,
  );
  expect(seen(findings, 'delivery')).toMatch(/^worker \d+ accepted it, .* inherited from the zygote by fork/);
  expect(findings['fourth-client']?.figures?.answered).toBeGreaterThan(0);
  const { clients = 0, lost = 0 } = findings['worker-dies']?.figures ?? {};
  expect(clients).toBe(6);
  expect(lost).toBeGreaterThanOrEqual(1);
  expect(seen(findings, 'worker-dies')).toMatch(
    new RegExp(`${6 - Number(lost)} were answered on; worker \\d+ was there`),
  );
  expect(findings['parent-dies']?.figures?.newOnesServed).toBe(0);
});

test('the primary of a cluster accepts alone and sends each connection to a worker', async () => {
  const findings = await run('cluster', 'echo', ['who-accepts', 'listener', 'delivery']);
  expect(seen(findings, 'who-accepts')).toMatch(/^the primary waits for fd \d+ in epoll_.*; 3 workers do not have it;/);
  expect(seen(findings, 'listener')).toMatch(/^one descriptor, .*: fd \d+ of the primary; 3 workers without any$/);
  expect(seen(findings, 'delivery')).toMatch(
    /^the primary accepted it, as worker \d+ does not wait for any, and sent it on over their unix socket, fd \d+ and/,
  );
  if (HAS_STRACE)
    expect(seen(findings, 'delivery')).toMatch(/in the primary, then SCM_RIGHTS from the primary to worker/);
});

test('workers of a cluster without scheduling accept on a listener that was sent to them', async () => {
  const findings = await run('cluster-none', 'echo', ['who-accepts', 'listener', 'delivery'], { PATH: '/nowhere' });
  expect(seen(findings, 'who-accepts')).toMatch(/^3 workers wait for fd \d+ in epoll_.*; the primary merely holds it/);
  expect(seen(findings, 'listener')).toMatch(/^one open file description by kcmp, .* of the primary, .* of 3 workers$/);
  expect(seen(findings, 'delivery')).toMatch(/^worker \d+ accepted it, on the listener that came to it over a socket/);
  expect(findings.delivery?.note).toMatch(/^deduced from \/proc alone: strace is not installed/);
});

test('one process loses all its clients when it dies; what comes after is seen on another one', async () => {
  const findings = await run('event-loop', 'echo', ['fourth-client', 'worker-dies', 'parent-dies']);
  expect(findings['fourth-client']?.figures?.answered).toBeGreaterThan(0);
  expect(findings['worker-dies']?.figures).toEqual({ clients: 6, lost: 6 });
  expect(seen(findings, 'worker-dies')).toMatch(/nobody is left$/);
  expect(findings['parent-dies']?.figures).toEqual({ workersLeft: 0, connectionsKept: 0, newOnesServed: 0 });
});

test('requests come at their times around a death, and the end of a worker gives back its leak', async () => {
  const findings = await run('start', 'http', ['worker-dies-under-load', 'leak', 'burn']);
  const { points = [], figures = {}, note } = findings['worker-dies-under-load'] ?? {};
  expect(points.length + Number(figures.failed)).toBe(40);
  expect(points.filter(([seconds]) => seconds < 0).length).toBeGreaterThan(0);
  expect(points.filter(([seconds]) => seconds > 0).length).toBeGreaterThan(0);
  expect(figures.gap).toBeGreaterThan(0);
  expect(note).toMatch(/^1 killed under 40 requests/);
  const { before = 0, leaked = 0, after = 0 } = findings.leak?.figures ?? {};
  expect(Number(leaked) - Number(before)).toBeGreaterThan(90);
  expect(Number(leaked) - Number(after)).toBeGreaterThan(80);
  for (const value of Object.values(findings.burn?.figures ?? {})) expect(value).toBeGreaterThan(0);
  expect(Object.keys(findings.burn?.figures ?? {})).toEqual(['idle50', 'idle99', 'p50', 'p99', 'slowest']);
});

test('with its only process a service ends, which is said of its memory', async () => {
  const findings = await run('event-loop', 'http', ['leak', 'worker-dies-under-load']);
  expect(findings.leak?.figures?.after).toBeNull();
  expect(findings.leak?.note).toMatch(/ended with its only process/);
  expect(findings['worker-dies-under-load']?.figures?.failed).toBeGreaterThan(0);
  expect(findings['worker-dies-under-load']?.note).toMatch(/ECONNREFUSED.*; nobody was left to serve/);
});

test('paced requests are sent whether those before are answered or not, and each failure by its name', async () => {
  let count = -1; // The first one is not counted: it is to warm up.
  const held: Socket[] = [];
  const server = createServer((socket) => {
    const number = count++;
    socket.on('error', () => {});
    if (number === 3) socket.resetAndDestroy();
    else if (number === 4) socket.end();
    else if (number === 5) held.push(socket);
    else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of held) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const pace: Pace = { port, path: '/', rate: 100, seconds: 0.1, silenceMs: 2000 };
  const client = await startNode([join(ROOT, 'dist/compare/programs/paced-client.js'), JSON.stringify(pace)]);
  await client.line(/^started$/);
  const requests = JSON.parse((await client.line(/^\[.*\]$/))[0]) as Request[];
  expect(requests).toHaveLength(10);
  expect(failuresOf(requests).split(', ').sort()).toEqual(['1 × ECONNRESET', '1 × end of file', '1 × no answer']);
  expect(latenciesOf(requests)).toHaveLength(7);
  const times = requests.map(([sent]) => sent);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});
