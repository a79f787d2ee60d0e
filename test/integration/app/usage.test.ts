// Apps that measure themselves: what they have read while they were loaded goes on in a worker.
import { expect, test } from 'vitest';
import { startServer } from '../../fixtures/start/server.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/apps/usage.cjs';
/** How long the zygote rests before a worker is forked again, in milliseconds. */
const REST = 1500;

test("prom-client's counters of CPU time do not decrease after the fork", async () => {
  const server = await startServer({ app: APP, workers: 1 });
  const metrics = await server.ask('/metrics');
  const [, seconds] = /^process_cpu_seconds_total (\S+)/m.exec(metrics) ?? [];
  expect(Number(seconds), metrics).toBeGreaterThan(0.3);
});

test('CPU time, resources and utilization of a worker that is forked later go on from those of the zygote', async () => {
  const server = await startServer({ app: APP, workers: 1 });
  const loaded = performance.now();
  await eventually('the zygote has rested', () => performance.now() - loaded > REST);
  const pid = server.pids[0] as number;
  process.kill(pid, 'SIGKILL');
  await server.full([pid]);

  const usage = JSON.parse(await server.ask());
  expect(usage.sinceLoad).toBeGreaterThan(REST);
  const counts = Object.entries({ ...usage.cpu, ...usage.thread, ...usage.resources }) as [string, number][];
  expect(counts.filter(([, count]) => count < 0)).toEqual([]);
  // The rest was neither activity of the event loop nor a delay of it.
  expect(usage.loop.idle + usage.loop.active).toBeLessThan(usage.sinceLoad - REST / 2);
  expect(usage.longestDelay).toBeLessThan(REST / 2);
});
