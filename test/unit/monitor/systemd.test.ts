import { expect, test } from 'vitest';
import { message, takeServiceManager } from '../../../src/monitor/systemd.js';

test.for([
  [{ NOTIFY_SOCKET: '/run/notify' }, { socket: '/run/notify', watchdog: 0 }],
  [{ NOTIFY_SOCKET: '@name' }, { socket: '\0name', watchdog: 0 }],
  [
    { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '3000000' },
    { socket: '/run/notify', watchdog: 3000 },
  ],
  [
    { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '7' },
    { socket: '/run/notify', watchdog: 3000 },
  ],
  [
    { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '8' },
    { socket: '/run/notify', watchdog: 0 },
  ],
  [{ NOTIFY_SOCKET: 'vsock:2:9' }, undefined],
  [{ NOTIFY_SOCKET: '' }, undefined],
  [{ WATCHDOG_USEC: '3000000' }, undefined],
] as const)('of %o it makes %o, and takes it away', ([variables, manager]) => {
  const env: NodeJS.ProcessEnv = { ...variables, PATH: '/bin' };
  expect(takeServiceManager(env, 7)).toEqual(manager);
  expect(env).toEqual({ PATH: '/bin' });
});

test('a reload that fails leaves the service ready', () => {
  const event = { type: 'reload failed', generation: 2, reason: 'the app failed to load' } as const;
  expect(message(event, 0n)).toEqual([
    'READY=1',
    'STATUS=the generation before serves on; generation 2 failed, the app failed to load',
  ]);
});

test('a reload begins at a time in microseconds', () => {
  expect(message({ type: 'reload begins', generation: 2 }, 1_234_567n)).toContain('MONOTONIC_USEC=1234');
});

test('what changes nothing about the service is not told', () => {
  expect(message({ type: 'worker died', how: 'SIGKILL', expected: false }, 0n)).toEqual([]);
});
