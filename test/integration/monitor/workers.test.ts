// An app that has Workers is loaded once and forked with them.
import { expect, test } from 'vitest';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { startPrefork } from '../../helpers/process.js';

interface Answer {
  readonly pid: number;
  readonly worker: number;
  readonly drawn: readonly (number | string)[];
}

/** What each worker answers, asked until all of them have. */
async function answersOfAll<T extends { readonly pid: number } = Answer>(server: Server): Promise<T[]> {
  const answers: T[] = [];
  // Bounded by the time that a test may take.
  while (!server.pids.every((worker) => answers.some(({ pid }) => pid === worker))) {
    answers.push(JSON.parse(await server.ask()));
  }
  return answers;
}

test('each worker has its own copy of a Worker, after a reload and a death as well', async () => {
  const server = await startServer({ workers: 3, app: 'test/fixtures/start/worker-app.mjs' });
  const first = await answersOfAll(server);
  server.signal('SIGHUP');
  await server.running.line(/generation 2 serves/);
  await server.full();
  const second = await answersOfAll(server);
  const [victim] = server.pids as [number];
  process.kill(victim, 'SIGKILL');
  await server.full([victim]);
  const third = await answersOfAll(server);
  const all = [...first, ...second, ...third];
  for (const { pid, worker } of all) expect(worker).toBe(pid);
  const drawn = all.flatMap((answer) => answer.drawn);
  expect(new Set(drawn).size).toBe(drawn.length);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await server.gone();
});

interface PoolsAnswer {
  readonly pid: number;
  readonly workers: readonly { drawn: string[]; execArgv: string[]; options: string | null }[];
}

test('pools of random bytes in Workers are not the same in siblings', async () => {
  const server = await startServer({ workers: 2, app: 'test/fixtures/start/worker-pools-app.mjs' });
  await server.full();
  const answers = await answersOfAll<PoolsAnswer>(server);
  const drawn = answers.flatMap(({ workers }) => workers.flatMap((worker) => worker.drawn));
  // The third of each is what a pool holds: the same each time within a process.
  expect(new Set(drawn.filter((id) => !id.includes(','))).size).toBe(drawn.length - answers.length * 7);
  const pools = new Map(answers.map(({ pid, workers }) => [pid, workers.flatMap((worker) => worker.drawn)]));
  const held = [...pools.values()].flatMap((each) => each.filter((id) => id.includes(',')));
  expect(held.length).toBe(2 * 7);
  expect(new Set(held).size).toBe(held.length);
  const flags = answers[0]?.workers.map(({ execArgv, options }) => [execArgv.join(), options]);
  const inherited = flags?.[0];
  expect(inherited?.[0]).not.toMatch(/first/);
  expect(flags).toEqual([
    inherited,
    ['--no-warnings', inherited?.[1]],
    [inherited?.[0], '--no-warnings'],
    ['', null],
    ['', inherited?.[1]],
    inherited,
  ]);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('esbuild, as a Worker has it for tsx, works on in each worker, by a child process of its own', async () => {
  const server = await startServer({ app: 'test/fixtures/start/worker-service-app.mjs', appArgs: ['esbuild'] });
  await server.full();
  const answers = await answersOfAll<{ pid: number; answer: string; child: number }>(server);
  expect(answers.map(({ answer }) => answer)).toEqual(answers.map(() => 'hello'));
  const children = new Map(answers.map(({ pid, child }) => [pid, child]));
  expect(new Set(children.values()).size).toBe(2);
  expect(server.running.stderr.text).not.toMatch(/child process/);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('another child process of a Worker: a warning that names it, and its pipes have ended', async () => {
  const server = await startServer({ app: 'test/fixtures/start/worker-service-app.mjs', appArgs: ['other'] });
  await server.running.line(
    /child process \d+ \(other\) runs, started by a Worker or native code; its pipes: fd \d+, \d+/,
  );
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('a Worker that computes is named, with its place, where it keeps the app from being forked', async () => {
  const running = await startPrefork(['start', '-w', '1', 'test/fixtures/start/worker-busy-app.mjs']);
  await running.line(
    /cannot fork a worker.*\(thread \d+ "Worker 2", Worker 2 "mill" computes in grind at .*worker-busy-thread\.mjs:3:\d+\).*Worker 2 "mill" \(.*\) was started at .*worker-busy-app\.mjs:8:\d+/,
  );
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
});
