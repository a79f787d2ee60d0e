import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findServers } from '../../../src/scoreboard/index.js';
import { APP, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { startNode, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const BOOT = 'test/fixtures/start/boot.mjs';

function boot(way: string, ...args: string[]) {
  return startPrefork(['start', '-w', '2', ...args, BOOT, '--', way]);
}

test('an app is loaded once, and serves when all of its workers are ready', async () => {
  const server = await startServer({ workers: 3 });
  const { stderr } = server.running;
  const [, shared] = await stderr.line(
    /zygote gen 1 pid \d+: the app is loaded, after \d+ ms; (\d+\.\d) MiB are shared/,
  );
  expect(Number(shared)).toBeGreaterThan(10);
  const ready = await stderr.lines(3, /worker \d gen 1 pid (\d+): ready/);
  expect(ready.map(([, pid]) => Number(pid)).sort()).toEqual([...server.pids].sort());
  expect(server.workers.map(({ slot, state }) => [slot, state])).toEqual([0, 1, 2].map((slot) => [slot, 'ready']));
  expect(server.pids).toContain(Number(await server.ask('/pid')));
});

test('an app that throws when it is loaded ends the service with its own stack trace', async () => {
  const { closed, stderr } = await boot('throws');
  expect(await closed).toEqual({ code: 4, signal: null });
  expect(stderr.text).toMatch(/Error: no such table\n\s+at Object\.throws \(.*boot\.mjs:11:11\)/);
  expect(stderr.text).toMatch(/the app failed to load/);
});

test.for([
  ['ends', /it ended without a server that listens: nothing called server\.listen\(\)/],
  ['closes', /it ended without a server that listens: what server\.listen\(\) opened has not stayed open/],
  ['waits', /nothing has called server\.listen\(\) within --spawn-timeout: .* cannot be forked, with:\n.*timer/],
  ['datagrams', /nothing has called .*, with:\n {2}a datagram socket, opened at .*boot\.mjs:\d+:\d+\n/],
  ['watches', /nothing has called .*, with:\n {2}a watcher of files, begun at .*boot\.mjs:\d+:\d+\n/],
  ['hears', /nothing has called .*, with:\n {2}what Node calls .*MessagePort/],
  [
    'busy',
    /failed to load: it is still busy, and cannot be forked, with:\n\s*(file operations|requests that Node does not name): 1/,
  ],
  ['blocks', /the app was not loaded within 1 s, and its event loop does not turn/],
] as const)(
  'an app that does not come to wait for clients (%s) ends the service, which says why',
  async ([way, reason]) => {
    const { closed, stderr } = await boot(way, '--spawn-timeout', '1s');
    expect(await closed).toEqual({ code: 4, signal: null });
    expect(stderr.text).toMatch(reason);
  },
);

test.for([
  ['hookThrows', [], /the afterFork hook of .*boot\.mjs:\d+:\d+ failed: no such queue/],
  ['workerExits', [], /died \(exit status 7\)/],
  ['speaksLate', ['--boot-timeout', '200ms'], /is killed: it was not ready within 0\.2 s/],
  ['hookHangs', ['--boot-timeout', '200ms'], /is killed: it was not ready within 0\.2 s/],
] as const)('workers that die at boot end the service in the end (%s)', async ([way, args, reason]) => {
  const { closed, stderr } = await boot(way, ...args);
  expect(await closed).toEqual({ code: 3, signal: null });
  expect(stderr.text).toMatch(reason);
  expect(stderr.text).toMatch(/stopping: workers die before they are ready, again and again/);
});

test('an app is served under --inspect', async () => {
  const running = await startNode(['--inspect=0', 'dist/cli/main.js', 'start', '-w', '1', APP]);
  await running.stderr.line(/serving on 127\.0\.0\.1:\d+ with 1 worker/);
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
});

test('a zygote that cannot be executed ends the service, once', async () => {
  const folder = temporaryFolder();
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify({ preloadModules: ['x'.repeat(140_000)] })); // More than one string may have.
  const { closed, stderr } = await startPrefork(['start', '--config', config, APP]);
  expect(await closed).toEqual({ code: 4, signal: null });
  expect(stderr.text).toMatch(/cannot start a zygote: execve E2BIG/);
  expect(stderr.text.match(/stopped with/g)).toHaveLength(1);
});

test('a SIGHUP while the app is loaded for the first time: it serves in the end', async () => {
  const running = await startPrefork(['start', '-w', '1', BOOT, '--', 'slowly']);
  await eventually('the monitor is at work', () => findServers().includes(running.pid));
  process.kill(running.pid, 'SIGHUP');
  await running.stderr.line(/reload: generation 2 serves/);
  await running.stderr.line(/serving on 127\.0\.0\.1:\d+ with 1 worker/);
});
