import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GRACE, requestShutdown, shutdownSignal } from '../../../src/tutorial/shutdown.js';

test('children are asked to end, and made to after the grace', () => {
  const shutdown = requestShutdown(undefined, 0, 1000);
  expect(shutdownSignal(shutdown, 1000)).toBe('SIGTERM');
  expect(shutdownSignal(shutdown, 1000 + GRACE - 1)).toBe('SIGTERM');
  expect(shutdownSignal(shutdown, 1000 + GRACE)).toBe('SIGKILL');
});

test('a second request makes them end at once', () => {
  const shutdown = requestShutdown(requestShutdown(undefined, 130, 0), 130, 1);
  expect(shutdownSignal(shutdown, 1)).toBe('SIGKILL');
});

test('the first request decides on the exit status, and nothing softens the signal again', () => {
  const requests = fc.array(fc.tuple(fc.constantFrom(0, 3, 129, 130), fc.nat(2 * GRACE)), { minLength: 1 });
  fc.assert(
    fc.property(requests, (list) => {
      let shutdown = requestShutdown(undefined, list[0]?.[0] as number, 0);
      let now = 0;
      let killed = false;
      for (const [status, wait] of list.slice(1)) {
        now += wait;
        shutdown = requestShutdown(shutdown, status, now);
        const signal = shutdownSignal(shutdown, now);
        if (killed) expect(signal).toBe('SIGKILL');
        killed ||= signal === 'SIGKILL';
      }
      expect(shutdown.status).toBe(list[0]?.[0]);
    }),
  );
});
