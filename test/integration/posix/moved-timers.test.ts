// Timers of a process that has stood still count from another time on.
import { expect, test } from 'vitest';
import { startNode } from '../../helpers/process.js';

test('moved timers fire when they are due then, the others as before, in their order', async () => {
  const running = await startNode(['test/fixtures/connects/timers.mjs']);
  await running.closed;
  const { found, stood, order } = JSON.parse(running.stdout.text);
  expect(found).toBe(true);
  expect(stood).toBeGreaterThanOrEqual(499);
  expect(order.map(({ name }: { name: string }) => name)).toEqual([
    'overdue',
    'beside the interval',
    'due',
    'short',
    'short, too',
    'interval',
  ]);
  const after = Object.fromEntries(order.map((each: { name: string; after: number }) => [each.name, each.after]));
  expect(after.overdue).toBeLessThan(90);
  expect(after.short).toBeGreaterThanOrEqual(50);
  expect(after.interval).toBeGreaterThanOrEqual(298);
});
