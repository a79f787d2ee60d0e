// What a service manager is told: sd_notify(3).
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { type Running, startNode } from '../../helpers/process.js';

const NAMES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'];

async function managerAt(socket: string): Promise<Running> {
  const manager = await startNode(['test/fixtures/start/manager.mjs', socket]);
  await manager.line(/^listening$/);
  return manager;
}

/** All that it was told so far, a message each. */
function told({ text }: Running): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('['));
  return lines.map((line) => JSON.parse(line));
}

function inFolder(): string {
  const folder = temporaryFolder();
  return join(folder, 'notify');
}

test.for([
  ['a path', inFolder],
  ['an abstract name', () => `@prefork ${randomUUID()}`],
] as const)('by %s: ready, reloading and ready again, stopping; the app does not see it', async ([, socketOf]) => {
  const socket = socketOf();
  const manager = await managerAt(socket);
  const server = await startServer({ env: { NOTIFY_SOCKET: socket } });
  for (const pid of [...server.pids, server.zygote]) {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    for (const name of NAMES) expect(environment).not.toContain(`${name}=`);
  }
  server.signal('SIGHUP');
  await manager.line(/generation 2 serves/);
  server.signal('SIGTERM');
  await server.ended;
  await manager.line(/STOPPING/);
  expect(told(manager)).toEqual([
    ['READY=1', `MAINPID=${server.pid}`, `STATUS=2 workers serve on 127.0.0.1:${server.port}`],
    ['RELOADING=1', expect.stringMatching(/^MONOTONIC_USEC=\d+$/), 'STATUS=generation 2 is loaded'],
    ['READY=1', 'STATUS=generation 2 serves'],
    ['STOPPING=1', 'STATUS=stopping: SIGTERM'],
  ]);
});

test('a watchdog hears from the monitor again and again', async () => {
  const socket = inFolder();
  const manager = await managerAt(socket);
  const server = await startServer({ env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000' } });
  await manager.lines(3, /^\["WATCHDOG=1"\]$/);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('a manager that is not there is no reason not to serve', async () => {
  const server = await startServer({ env: { NOTIFY_SOCKET: inFolder() } });
  expect(await server.ask()).toBe('1');
});
