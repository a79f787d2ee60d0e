import { expect, test } from 'vitest';
import { meter } from '../../../src/proc/usage.js';

test('a process’s processor time and context switches are counted from when it is looked at', async () => {
  const used = meter({ members: () => [process.pid] });
  const start = process.cpuUsage().user;
  while (process.cpuUsage().user < start + 100_000);
  const { cpu } = used();
  // The kernel brings the account up to date at its ticks.
  expect(cpu).toBeGreaterThan(80);

  const switches = () => used().voluntary + used().involuntary;
  const before = switches();
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(switches()).toBeGreaterThanOrEqual(before + 10);
});

test('of processes that are gone nothing is counted', () => {
  expect(meter({ members: () => [2 ** 22 + 1] })()).toEqual({ cpu: 0, voluntary: 0, involuntary: 0 });
});
