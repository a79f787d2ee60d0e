// What a worker that runs an attacker's code as nobody gets from a root monitor by asking for sockets.
import { lstatSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readServer } from '../../../src/scoreboard/index.js';
import { attack, isReplaced, isRoot, isUntouched, startHacked } from '../../fixtures/security/server.js';
import { accepts } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

const asRoot = test.skipIf(!isRoot);
const withPerl = isRoot ? testWith('perl') : test.skip;
const HARM = join(ROOT, 'test/fixtures/security/harm.pl');

/** Has a server of the worker listen. @returns 'listening', or the error's code and words */
const listen = (where: unknown) => `return new Promise((resolve) => {
  const server = tools.net.createServer();
  server.on('error', ({ code, message }) => resolve([code, message]));
  server.listen(${JSON.stringify(where)}, () => resolve('listening'));
});`;

/** What the server answers on a socket of the unix domain. */
function over(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath }, (response) => response.on('data', (chunk) => resolve(String(chunk)))).on('error', reject);
  });
}

asRoot('a port below 1024 is not opened for it', async () => {
  const server = await startHacked();
  const before = server.pids;
  const [code, message] = (await attack(server, listen({ host: '127.0.0.1', port: 1023 }))) as [string, string];
  expect(code).toBe('EACCES');
  expect(message).toContain('user 65534 may not; name it by --listen or --allow-listen');
  expect(await accepts(1023)).toBe(false);
  await isUntouched(server, before);
});

asRoot('one that --allow-listen names is', async () => {
  const server = await startHacked({ args: ['--allow-listen', '127.0.0.1:1022'] });
  expect(await attack(server, listen({ host: '127.0.0.1', port: 1022 }))).toBe('listening');
  expect(((await attack(server, listen({ host: '127.0.0.2', port: 1022 }))) as string[])[0]).toBe('EACCES');
});

asRoot("a socket's path in root's folder is not made, nor one there replaced", async () => {
  const server = await startHacked();
  const before = server.pids;
  const path = join(temporaryFolder(), 'socket');
  expect(((await attack(server, listen({ path }))) as string[])[0]).toBe('EACCES');
  expect(() => lstatSync(path)).toThrow('ENOENT');
  await isUntouched(server, before);
});

asRoot('where its user may, it listens, and the path is its own', async () => {
  const server = await startHacked();
  expect(await attack(server, listen({ host: '127.0.0.1', port: 0 }))).toBe('listening');
  const name = `/tmp/prefork-nobody-${process.pid}`;
  onTestFinished(() => rmSync(name, { force: true }));
  expect(await attack(server, listen({ path: name }))).toBe('listening');
  expect(lstatSync(name).uid).toBe(65534);
  server.signal('SIGTERM');
  await server.ended;
  expect(() => lstatSync(name)).toThrow('ENOENT');
});

asRoot('sockets without number end the worker that asks for them', async () => {
  const server = await startHacked();
  const before = server.pids;
  const code = `const channel = tools.channel();
  for (let order = 1; order < 1000; order++) {
    tools.say({ type: 'listen', address: { host: '127.0.0.1', port: 0 }, ipv6Only: false, reusePort: false,
      first: false, has: [], backlog: 1, order });
    tools.posix.poll(channel, 'read');
    tools.posix.receiveMessage(channel).fds.forEach(tools.posix.close);
  }`;
  await attack(server, code);
  await isReplaced(server, before, /it has the service listen on more than 256 sockets/);
});

const shutDown = `const listener = tools.fs.readdirSync('/proc/self/fd').map(Number).find((fd) => {
    try { return tools.posix.isListening(fd); } catch { return false; }
  });
  tools.posix.shutdown(listener, 'both');
  return true;`;

asRoot('a listener that it shuts down for all listens again, or another one in its place', async () => {
  const server = await startHacked();
  const before = server.pids;
  expect(await attack(server, shutDown)).toBe(true);
  await server.running.line(/127\.0\.0\.1:\d+ was shut down by a process: (it listens again|another one is opened)/);
  expect(await accepts(server.port)).toBe(true);
  await isUntouched(server, before);
});

/** Has perl do to the listener what no function of Node's does. */
const harm = (
  what: string,
  filter = "family !== 'unix'",
) => `const listener = tools.fs.readdirSync('/proc/self/fd').map(Number)
    .find((fd) => {
      try { return tools.posix.isListening(fd) && tools.posix.getsockname(fd).${filter}; } catch { return false; }
    });
  const { spawnSync } = await import('node:child_process');
  const { status, stderr } = spawnSync('perl', ['${HARM}', '${what}'], { stdio: ['ignore', 'ignore', 'pipe', listener] });
  return status === 0 ? process.getuid() : String(stderr);`;

withPerl.each([
  ['a filter of packets', 'filter', /was given a filter of packets by a process: it is taken off$/],
  ['a locked filter', 'locked', /was given a filter of packets by a process: another one is opened in its place$/],
  ['an empty queue', 'shorten', /was given another backlog by a process: it has its own again$/],
])('a listener that it gives %s is as before, or another one is there', async (_, what, told) => {
  // Newer kernels let only CAP_NET_ADMIN attach a filter to a socket of TCP: the worker has stayed root.
  const server = await startHacked({ appArgs: ['root'] });
  const before = server.pids;
  expect(await attack(server, harm(what))).toBe(0);
  await server.running.line(told);
  const listeners = () => readServer(server.pid).description.listeners;
  await eventually('the workers have it', () => listeners().length === 1);
  expect(listeners()).toMatchObject([{ address: `127.0.0.1:${server.port}`, backlog: 511 }]);
  for (let i = 0; i < 10; i++) expect(before).toContain(Number(await server.ask()));
  await isUntouched(server, before);
});

withPerl.each([
  ['whose port the kernel chose', false],
  ['at a port that was asked for', true],
])('a listener %s that it makes a client of listens again, or another one does', async (_, isFixed) => {
  const args = isFixed ? ['--listen', '127.0.0.1:1021'] : [];
  const server = await startHacked({ args });
  const before = server.pids;
  expect(await attack(server, harm('connect'))).toBe(65534);
  await server.running.line(/was made to connect to somebody by a process: (it listens again|another one is opened)/);
  await eventually('the workers have it', () => readServer(server.pid).description.listeners.length === 1);
  for (let i = 0; i < 10; i++) expect(before).toContain(Number(await server.ask()));
  await isUntouched(server, before);
});

withPerl('the same of a unix socket, where a filter may be locked, too', async () => {
  const path = join(temporaryFolder(), 'socket');
  const server = await startHacked({ args: ['--listen', '127.0.0.1:0', '--listen', `unix:${path}`] });
  const before = server.pids;
  expect(await attack(server, harm('locked', "family === 'unix'"))).toBe(65534);
  await server.running.line(/socket was given a filter of packets by a process: another one is opened in its place$/);
  expect(before).toContain(Number(await over(path)));
  await isUntouched(server, before);
});

asRoot('a unix socket that it shuts down is opened anew at its path, and no worker turns round for it', async () => {
  const path = join(temporaryFolder(), 'socket');
  const server = await startHacked({ args: ['--listen', '127.0.0.1:0', '--listen', `unix:${path}`] });
  const before = server.pids;
  const code = `for (const fd of tools.fs.readdirSync('/proc/self/fd').map(Number)) {
      try {
        if (tools.posix.isListening(fd) && tools.posix.getsockname(fd).family === 'unix') tools.posix.shutdown(fd);
      } catch {}
    }`;
  expect(await attack(server, code)).toBeNull();
  await server.running.line(/socket was shut down by a process: another one is opened in its place/);
  expect(before).toContain(Number(await over(path)));
  await eventually('every worker waits', () => server.workers.every(({ busy }) => busy < 0.5));
  await isUntouched(server, before);
});
