// `prefork start` on apps that connect to find out whether somebody listens where they want to: each process of the service
// finds what it would find alone.
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { type ServerOptions, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';

const APP = 'test/fixtures/connects/probes.mjs';

/** One that was free a moment ago. */
async function port(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the app, reloads it, has the zygote and a worker replaced. @returns the server, and what its processes have found */
async function live(options: ServerOptions) {
  const server = await startServer({ app: APP, ...options });
  const before = server.pids;
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 serves/);
  await server.full(before);
  const killed = [server.zygote, server.pids[0]] as [number, number];
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  await server.full(killed);
  const found = new Set([...server.running.text.matchAll(/^found (.*)$/gm)].map(([, what]) => what));
  return { server, found: [...found] };
}

test.each([['127.0.0.1'], ['localhost']])('a port that the service itself has is free, at %s', async (host) => {
  const wanted = await port();
  const { server, found } = await live({ appArgs: [`${wanted}`, host] });
  expect(server.port).toBe(wanted);
  expect(found.map((what) => JSON.parse(what ?? '')[0])).toEqual(found.map(() => 'ECONNREFUSED'));
  expect(server.pids).toContain(Number(await server.ask()));
});

test('without preloading, workers do not find the generation before, but those beside them', async () => {
  const wanted = await port();
  const server = await startServer({ app: APP, args: ['--no-preload'], workers: 1, appArgs: [`${wanted}`] });
  const [first] = server.pids as [number];
  server.signal('SIGHUP');
  await server.running.line(/reload: generation 2 serves/);
  await server.full([first]);
  expect(server.pids).toContain(Number(await server.ask()));
  expect(server.running.text).not.toContain('found connected');
  server.signal('SIGTTIN');
  await server.count(2);
  expect(server.running.text).toContain('found connected');
});

test('a port of another program is not', async () => {
  const other = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  onTestFinished(() => {
    other.close();
  });
  await once(other, 'listening');
  const taken = (other.address() as AddressInfo).port;
  const { server, found } = await live({ appArgs: [`${taken}`] });
  expect(server.port).toBeGreaterThan(taken);
  expect(found).toContain('connected');
});

test('a path that the service itself has is left over, with the error that connect has', async () => {
  const path = join(temporaryFolder(), 'app.sock');
  const { server, found } = await live({ appArgs: [path] });
  expect(new Set(found)).toEqual(
    new Set([JSON.stringify(['ENOENT', 'connect', path]), JSON.stringify(['ECONNREFUSED', 'connect', path])]),
  );
  const asked = request({ socketPath: path, agent: false }).end();
  const [response] = await once(asked, 'response');
  expect(server.pids).toContain(Number(await text(response)));
});
