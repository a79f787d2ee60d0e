import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { WorkerSnapshot } from '../../../src/scoreboard/index.js';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { connect } from '../../helpers/client.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const HOOKS = pathToFileURL(join(ROOT, 'dist/app/api/index.js')).href;

/** A server whose app's code can be changed. */
async function startEditable(version: string, ...args: string[]) {
  const folder = temporaryFolder();
  const app = join(folder, 'app.mjs');
  const edit = (code: string) => writeFileSync(app, code);
  edit(answering(version));
  return { server: await startServer({ app, args: ['--grace', '8s', ...args] }), edit };
}

/** Answers with its version, once it has all of the request. */
function answering(version: string): string {
  return `
    import { createServer } from 'node:http';
    createServer(async (request, response) => {
      for await (const chunk of request);
      response.end('${version}');
    }).listen(0, '127.0.0.1');`;
}

async function reloaded(server: Server, generation: number): Promise<void> {
  await server.running.line(new RegExp(`reload: generation ${generation} serves`));
}

test('SIGHUP serves the new code with a new generation, and the old one finishes what it has begun', async () => {
  const { server, edit } = await startEditable('old');
  const busy = await connect(server.port);
  busy.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 4\r\n\r\n');
  await eventually('the request is under way', () => server.requests === 1);
  const before = server.pids;
  edit(answering('new'));
  server.signal('SIGHUP');
  await reloaded(server, 2);
  expect(await server.ask()).toBe('new');
  busy.send('done');
  await busy.line(/^Connection: close$/);
  await busy.ended;
  expect(busy.text).toMatch(/old$/);
  const workers = await server.full(before);
  expect(workers.map(({ generation }) => generation)).toEqual([2, 2]);
});

test('a client that keeps its connection through a reload is answered by the old code, and told to close it', async () => {
  const { server, edit } = await startEditable('old');
  const client = await connect(server.port);
  const request = 'GET / HTTP/1.1\r\nHost: app\r\n\r\n';
  client.send(request);
  await client.line(/^Connection: keep-alive$/);
  edit(answering('new'));
  server.signal('SIGHUP');
  await reloaded(server, 2);
  client.send(request);
  await client.line(/^Connection: close$/);
  await client.ended;
  expect(client.text.match(/old/g)).toHaveLength(2);
  await server.full();
});

test('the new generation is said to serve only when no old worker can take a client any more', async () => {
  const { server, edit } = await startEditable('old');
  edit(answering('new'));
  const busy = server.workers[0] as WorkerSnapshot;
  process.kill(busy.pid, 'SIGSTOP'); // It cannot stop when it is told to.
  server.signal('SIGHUP');
  await server.running.lines(2, /worker \d gen 1 pid \d+: stopping/);
  expect(server.running.text).not.toMatch(/generation 2 serves/);
  await server.running.line(/worker \d gen 1 pid \d+: exited/);
  expect(server.running.text).not.toMatch(/generation 2 serves/);
  process.kill(busy.pid, 'SIGCONT');
  await reloaded(server, 2);
  expect(server.workers.filter(({ generation, state }) => generation === 1 && state !== 'draining')).toEqual([]);
  expect(await server.ask()).toBe('new');
});

test.for([
  ['throws', 'throw new Error("no such table");', /reload: generation 2 failed, the app failed to load/],
  ['is no JavaScript', 'import from nowhere', /reload: generation 2 failed, the app failed to load/],
  ['does not listen', '', /reload: generation 2 failed, the app failed to load/],
  [
    'does not boot',
    `import { afterFork } from '${HOOKS}'; afterFork(() => process.exit(7)); ${answering('bad')}`,
    /reload: generation 2 failed, its workers die before they are ready/,
  ],
] as const)('code that %s leaves the old one serving; mended, it comes', async ([, code, failure]) => {
  const { server, edit } = await startEditable('old');
  const before = server.pids;
  edit(code);
  server.signal('SIGHUP');
  await server.running.stderr.line(failure);
  await server.full();
  expect(server.pids).toEqual(before);
  expect(await server.ask()).toBe('old');
  edit(answering('mended'));
  server.signal('SIGHUP');
  await server.running.line(/reload: generation \d serves/);
  await server.full(before);
  expect(await server.ask()).toBe('mended');
});

test('what keeps new code from loading is told in one line', async () => {
  const { server, edit } = await startEditable('old', '--spawn-timeout', '3s');
  edit('setInterval(() => {}, 1000)');
  server.signal('SIGHUP');
  await server.running.stderr.line(
    /failed, .* it is still busy, and cannot be forked, with: a timer of 1000 ms, whose/,
  );
});

test('a SIGHUP during a reload makes another one after it', async () => {
  const { server, edit } = await startEditable('old');
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 is loaded/);
  edit(answering('newest'));
  server.signal('SIGHUP');
  await reloaded(server, 2);
  await reloaded(server, 3);
  const workers = await server.full();
  expect(await server.ask()).toBe('newest');
  expect(workers.map(({ generation }) => generation)).toEqual([3, 3]);
});

test('a SIGTERM during a reload ends all of it', async () => {
  const { server } = await startEditable('old');
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 is loaded/);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await server.gone();
});
