import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { APP, type Server, startServer } from '../../fixtures/start/server.js';
import { start } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const LINE = /worker (\d) gen \d pid (\d+): (to be replaced|ready|stopping|exited|died)/;

test('a worker whose event loop stands still is killed and replaced, while a sibling serves', async () => {
  const server = await startServer({ args: ['--stuck-timeout', '2s'] });
  const blocked = server.ask('/block').catch((error) => error);
  const stuck = await eventually('one is stuck', () => {
    return server.workers.find(({ requests }) => requests === 1)?.pid;
  });
  for (let i = 0; i < 10; i++) expect(await server.ask()).toBe('1');
  const [, killed] = await server.running.stderr.line(/pid (\d+): is killed: its event loop has not turned for 2 s/);
  expect(Number(killed)).toBe(stuck);
  expect(await blocked).toBeInstanceOf(Error);
  await server.full([stuck]);
});

test.each([
  ['/write', 'it waits in write(2) on descriptor 1, a pipe that nobody reads'],
  ['/block', 'it computes'],
  ['/stop', 'it is stopped (SIGSTOP)'],
])('the log says what a worker that stands still does instead: %s', async (path, what) => {
  const command = `"$0" dist/cli/main.js start -w 1 --stuck-timeout 1s ${APP} | sleep 1000`;
  const shell = await start('sh', ['-c', command, process.execPath]);
  const [, port] = await shell.stderr.line(/serving on 127\.0\.0\.1:(\d+)/);
  const broken = fetch(`http://127.0.0.1:${port}${path}`).catch((error) => error);
  const [, reason] = await shell.stderr.line(/is killed: its event loop has not turned for 1 s; (.*)/);
  expect(reason).toBe(what);
  expect(await broken).toBeInstanceOf(Error);
});

test('a machine that stood still has no stuck workers', async () => {
  const server = await startServer({ args: ['--stuck-timeout', '2s'] });
  const before = server.pids;
  const all = [server.pid, server.zygote as number, ...before];
  for (const pid of all) process.kill(pid, 'SIGSTOP');
  await sleep(4000);
  for (const pid of all) process.kill(pid, 'SIGCONT');
  server.signal('SIGTTIN');
  await server.running.line(/target is 3 workers/);
  expect((await server.count(3)).map(({ pid }) => pid)).toEqual(expect.arrayContaining(before));
});

/** Asks, on connections that are kept and on others, until the log says that all the first workers have left. */
async function askUntilReplaced(server: Server, path = '/'): Promise<number> {
  const agents = [new Agent({ keepAlive: true, maxSockets: 2 }), new Agent({ maxSockets: 2 })];
  onTestFinished(() => {
    for (const agent of agents) agent.destroy();
  });
  const before = server.pids;
  const left = new Set<number>();
  let asked = 0;
  const ask = async (agent: Agent) => {
    while (left.size < before.length) {
      await answer(`${server.url}${path}`, agent);
      asked++;
    }
  };
  const watch = async () => {
    while (left.size < before.length) {
      const [, pid] = await server.running.stderr.line(/worker \d gen \d pid (\d+): exited \(exit status 0\)/);
      if (before.includes(Number(pid))) left.add(Number(pid));
    }
  };
  await Promise.all([watch(), ...agents.flatMap((agent) => [ask(agent), ask(agent)])]);
  return asked;
}

function answer(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => resolve(text(response))).on('error', reject);
  });
}

test.for([
  ['requests', ['--max-requests', '50'], '/', /to be replaced: it has served \d+ requests/],
  ['age', ['--max-lifetime', '1s'], '/', /to be replaced: it is 1 s old/],
  ['memory', ['--max-memory', '150M', '--max-memory-kind', 'rss'], '/grow?mb=1', /to be replaced: it holds \d+ MiB/],
] as const)('at its limit of %s a worker leaves once its successor serves, and no request is lost', async (row) => {
  const [, args, path, reason] = row;
  const server = await startServer({ args: [...args, '--jitter', '0'] });
  expect(await askUntilReplaced(server, path)).toBeGreaterThan(0);
  const { text } = server.running.stderr;
  expect(text).toMatch(reason);
  expect(text).not.toMatch(/died|is killed/);
  const events = text.split('\n').flatMap((line) => LINE.exec(line)?.slice(1, 4).join(' ') ?? []);
  const old = events.findIndex((event) => event.endsWith('to be replaced'));
  const [slot, pid] = events[old]?.split(' ') ?? [];
  const after = events.slice(old).filter((event) => event.startsWith(`${slot} `));
  expect(after.map((event) => event.replace(`${pid} `, 'the old one ').replace(/\d{2,} /, '')).slice(0, 3)).toEqual([
    `${slot} the old one to be replaced`,
    `${slot} ready`,
    `${slot} the old one stopping`,
  ]);
});

test.for([
  ['memory', ['--max-memory', '10M', '--max-memory-kind', 'rss'], /below what the app needs: a new worker holds/],
  ['age', ['--max-lifetime', '100ms'], /100 ms is too short: a new worker is \d+ ms old/],
  ['requests', ['--max-requests', '1'], /1 is too low for this load: a new worker has served \d+ requests/],
] as const)(
  'of workers that reach their limit of %s at once there is one more than are wanted, at most',
  async (row) => {
    const [, args, warning] = row;
    const server = await startServer({ args: [...args, '--jitter', '0'] });
    const first = server.pids;
    const replaced = server.running.line(warning).then(async () => {
      for (const pid of first) await server.running.line(new RegExp(`pid ${pid}: exited`));
      return true;
    });
    while (!(await Promise.race([replaced, server.ask().then(() => false)]))) {
      // Two that are wanted, a successor, and one that leaves for the one before.
      expect(server.workers.length).toBeLessThanOrEqual(4);
      expect(server.workers.filter(({ state }) => state === 'ready').length).toBeLessThanOrEqual(3);
    }
    expect(server.running.text.match(/Until it is raised/g)).toHaveLength(1);
    // Nor do they keep a generation from taking over.
    server.signal('SIGHUP');
    await server.running.line(/reload: generation 2 serves/);
  },
);

test('a worker that has grown is renewed once nobody is connected to it, the successor first', async () => {
  const args = ['--renew-memory', '40M', '--renew-interval', '100ms', '--jitter', '0'];
  const server = await startServer({ workers: 1, args });
  const [first] = server.pids as [number];
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  await askKept(server, agent, '/grow?mb=60');
  await sleep(2500); // It is looked at each second.
  expect(server.pids).toEqual([first]);
  agent.destroy();
  await server.running.line(/worker 0 gen 1 pid \d+: to be replaced: it has \d+ MiB for itself/);
  await server.full([first]);
  const lines = server.running.text.split('\n').flatMap((line) => LINE.exec(line)?.[3] ?? []);
  expect(lines.slice(0, 4)).toEqual(['ready', 'to be replaced', 'ready', 'stopping']);
  expect(server.running.text).not.toMatch(/below what a new worker/);
});

test('workers that are born with more than --renew-memory are told of', async () => {
  const server = await startServer({ workers: 1, args: ['--renew-memory', '1M', '--renew-interval', '100ms'] });
  await server.running.line(
    /--renew-memory 1 MiB is below what a new worker soon has: a new worker has \d+ MiB for itself/,
  );
});

function askKept(server: Server, agent: Agent, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${server.url}${path}`, { agent }, (response) => resolve(text(response))).on('error', reject);
  });
}
