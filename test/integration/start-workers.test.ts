// An app that has Workers is loaded once and forked with them.
import { expect, test } from 'vitest';
import { type Server, startServer } from '../fixtures/start/server.js';
import { eventually } from '../helpers/wait.js';

interface Answer {
  readonly pid: number;
  readonly worker: number;
  readonly drawn: readonly (number | string)[];
}

/** What each worker answers, asked until all of them have. */
async function answersOfAll(server: Server): Promise<Answer[]> {
  const answers: Answer[] = [];
  await eventually('every worker answers', async () => {
    answers.push(JSON.parse(await server.ask()));
    return server.pids.every((worker) => answers.some(({ pid }) => pid === worker));
  });
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
