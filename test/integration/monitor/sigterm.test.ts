import { once } from 'node:events';
import { Agent, get, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { accepts, type Server, startServer } from '../../fixtures/start/server.js';
import { type Client, connect } from '../../helpers/client.js';
import { startNode } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/signals/idioms.cjs';
/** Longer than any test: whoever hangs is not killed, and the test shows it. */
const GRACE = ['--grace', '1h'];
const HALF = 'POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n';

/** The ways to end at SIGTERM that the app of the fixture knows. */
const IDIOMS = [
  'once',
  'again without the listener',
  'exits at once',
  'closes and runs out',
  'signal-exit 3',
  'signal-exit 4',
  '@godaddy/terminus',
  'close-with-grace',
] as const;

function serve(idiom: string, args: readonly string[] = GRACE): Promise<Server> {
  return startServer({ app: APP, args, env: { IDIOM: idiom }, group: true });
}

/** A client in the middle of its request. */
async function inFlight(server: Server): Promise<Client> {
  const client = await connect(server.port);
  client.send(HALF);
  await eventually('the request is under way', () => server.requests === 1);
  return client;
}

function cleanedUp(server: Server): number[] {
  return [...server.running.text.matchAll(/cleaned up (\d+)/g)].map(([, pid]) => Number(pid)).sort();
}

test.for(IDIOMS)('an app that cleans up so does it once in each worker, and ends: %s', async (idiom) => {
  const server = await serve(idiom);
  const workers = server.pids.sort();
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(cleanedUp(server)).toEqual(workers);
});

test.for(IDIOMS)('so it is when the whole group gets SIGTERM, as from a service manager: %s', async (idiom) => {
  const server = await serve(idiom);
  const workers = server.pids.sort();
  process.kill(-server.pid, 'SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(cleanedUp(server)).toEqual(workers);
  expect(server.running.stderr.text).not.toMatch(/died|ended with/);
});

test.for(IDIOMS)(
  'a worker that is replaced answers what is in flight before the app hears of it: %s',
  async (idiom) => {
    const server = await serve(idiom);
    const before = server.pids.sort();
    const client = await inFlight(server);
    server.signal('SIGHUP');
    await server.running.line(/generation 2 serves/);
    await server.running.line(/gen 1 pid \d+: exited/);
    client.send('done');
    await client.line(/^HTTP\/1\.1 200 OK$/);
    await client.line(/^Connection: close$/);
    await server.full(before);
    // What the app prints and what the log says come by two pipes.
    await eventually('both have cleaned up', () => cleanedUp(server).length >= before.length);
    expect(before).toContain(Number(client.text.match(/\d+$/)?.[0]));
    expect(cleanedUp(server)).toEqual(before);
  },
);

test('reloads under load lose no request of an app that exits at once', async () => {
  const server = await serve('exits at once');
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const [answers, failures]: [string[], string[]] = [[], []];
  let isOver = false;
  const ask = async (options: RequestOptions) => {
    while (!isOver) {
      const answer = once(get({ host: '127.0.0.1', port: server.port, ...options }), 'response').then(([r]) => text(r));
      await answer.then(
        (body) => answers.push(body),
        ({ code }) => failures.push(code),
      );
    }
  };
  const clients = [agent, agent, agent, agent, false as const, false as const].map((agent) => ask({ agent }));
  for (const generation of [2, 3]) {
    server.signal('SIGHUP');
    await server.running.line(new RegExp(`generation ${generation} serves`));
    await server.full();
  }
  isOver = true;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect(new Set(answers).size).toBeGreaterThan(2);
});

test('the app hears of it after half of the grace at the latest', async () => {
  const server = await serve('says so and goes on', ['--grace', '3s']);
  const client = await inFlight(server);
  server.signal('SIGHUP');
  const [, pid] = await server.running.line(/cleaned up (\d+)/);
  await server.running.line(/cleaned up \d+/);
  expect(pid).toBeDefined();
  client.send('done');
  await client.line(/^HTTP\/1\.1 200 OK$/);
});

test('without a listener of the app, a worker ends when it has answered, however often SIGTERM comes', async () => {
  const server = await serve('none');
  const client = await inFlight(server);
  const [busy] = server.workers.filter(({ connections }) => connections === 1).map(({ pid }) => pid);
  for (let i = 0; i < 3; i++) {
    process.kill(busy as number, 'SIGTERM');
    await eventually('it drains', () => server.workers.some(({ pid, state }) => pid === busy && state === 'draining'));
  }
  client.send('done');
  await client.line(/^HTTP\/1\.1 200 OK$/);
  await server.running.line(new RegExp(`pid ${busy}: died \\(exit status 0\\)`));
  await server.full([busy as number]);
});

test('an app whose listener does not end it is left alone until the grace is over', async () => {
  const server = await serve('says so and goes on', ['--grace', '1s']);
  server.signal('SIGTERM');
  await server.running.lines(2, /cleaned up \d+/);
  await server.running.lines(
    2,
    /is killed: it did not leave within 1 s; it has no client left, but the app, which listens for SIGTERM/,
  );
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(cleanedUp(server)).toHaveLength(2);
});

test('the app sees its own listeners only, as under plain node', async () => {
  const app = 'test/fixtures/signals/listeners.cjs';
  const plain = await startNode([app], { env: { PORT: '0' } });
  const [, wanted] = await plain.line(/^listeners: (.*)$/);
  const server = await startServer({ app });
  expect(await server.ask()).toBe(wanted);
});

test('a worker that leaves already says nothing of its socket when the service ends and refuses clients', async () => {
  const env = { IDIOM: 'again without the listener' };
  const server = await startServer({ app: APP, args: [...GRACE, '-w', '1'], env });
  const client = await inFlight(server);
  const [worker] = server.pids as [number];
  server.signal('SIGSTOP');
  process.kill(worker, 'SIGTERM');
  await server.running.stdout.line(/cleaned up/);
  process.kill(worker, 'SIGSTOP');
  server.signal('SIGTERM');
  server.signal('SIGCONT');
  await eventually('clients are refused', async () => !(await accepts(server.port)));
  process.kill(worker, 'SIGCONT');
  client.send('done');
  await client.line(/^HTTP\/1\.1 200 OK$/);
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(server.running.stderr.text).not.toMatch(/cannot accept/);
});
