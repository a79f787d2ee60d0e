// prefork start: servers that listen, close and listen again, alone and against their siblings in other workers.
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readServer } from '../../../src/scoreboard/index.js';
import { APP, addressesOf, answering, ask } from '../../fixtures/listen/ask.js';
import { accepts } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { type Running, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const WORKERS = 4;
const MODES = [{ flags: [] }, { flags: ['--no-preload'] }];
const hasIpv6 = networkInterfaces().lo?.some(({ family }) => family === 'IPv6');

async function serve(flags: readonly string[], ...app: string[]): Promise<[Running, number]> {
  const running = await startPrefork(['start', '-w', `${WORKERS}`, ...flags, APP, '--', ...app]);
  await addressesOf(running);
  return [running, portOf(running)];
}

/** The one port that all workers listen on. */
function portOf(running: Running): number {
  const ports = new Set(
    [...running.stdout.text.matchAll(/^listening .*"port":(\d+)/gm)].map(([, port]) => Number(port)),
  );
  expect(ports.size).toBe(1);
  return [...ports][0] as number;
}

const workersOf = ({ pid }: Running) => readServer(pid).workers.map((worker) => worker.pid);

/** Kills all workers, one after the other, and waits until others serve. */
async function replaceAll(running: Running): Promise<void> {
  for (const pid of workersOf(running)) {
    process.kill(pid, 'SIGKILL');
    await eventually('a successor serves', () => {
      const { workers } = readServer(running.pid);
      const isFull = workers.length === WORKERS && workers.every(({ state }) => state === 'ready');
      return isFull && !workers.some((worker) => worker.pid === pid);
    });
  }
}

async function allAnswer(running: Running, where: { host: string; port: number }): Promise<void> {
  // Those of the generation before may have clients for a moment, and a worker waits until they have left an address.
  const wanted = await eventually('others have left', () => {
    const pids = new Set(workersOf(running));
    return pids.size === WORKERS && pids;
  });
  for (let i = 0; i < 50; i++) {
    const pids = await answering(where, 3 * WORKERS).catch(() => new Set<number>());
    if (pids.size === WORKERS) return expect(pids).toEqual(wanted);
  }
  throw new Error(`not all workers answer on ${JSON.stringify(where)}`);
}

/** All workers answer, whether they are the first ones, successors of killed ones, or another generation. */
async function servesThroughout(running: Running, port: number, address: { host: string }): Promise<void> {
  const where = { ...address, port };
  await allAnswer(running, where);
  await replaceAll(running);
  await allAnswer(running, where);
  process.kill(running.pid, 'SIGHUP');
  await running.line(/generation 2 serves/);
  await allAnswer(running, where);
  expect(portOf(running)).toBe(port);
  expect(running.stdout.text).not.toMatch(/^error/m);
}

test.each(MODES)('a free port, found by a probe that closes, for all workers %j', async ({ flags }) => {
  const [running, port] = await serve(flags, 'freePort');
  // The app's lines and the monitor's come by two pipes, in either order.
  const said = await running.stdout.lines(WORKERS, /^probed \d+ (\d+)$/);
  const probed = said.map(([, each]) => Number(each));
  expect(probed).toEqual(Array(WORKERS).fill(port));
  await servesThroughout(running, port, { host: '127.0.0.1' });
});

const overlapping = [
  ['one host, then all', ['127.0.0.1', '::'], '127.0.0.1'],
  ['all, then one host', ['::', '127.0.0.1'], '127.0.0.1'],
  ['all, all of IPv4, one host, then all', ['::', '0.0.0.0', '127.0.0.1', '::'], '::1'],
  ['all, one host, another, then the first', ['::', '127.0.0.1', '::1', '127.0.0.1'], '127.0.0.1'],
] as const;

test.runIf(hasIpv6).each(overlapping.flatMap((each) => MODES.map(({ flags }) => [...each, flags] as const)))(
  'one port on overlapping addresses, one after the other: %s (%j, asked on %s, %j)',
  async (_, hosts, host, flags) => {
    const [running, port] = await serve(flags, 'hosts', '0', ...hosts);
    await servesThroughout(running, port, { host });
  },
);

test.runIf(hasIpv6)('a reload to an overlapping address of the port leaves the former one', async () => {
  const config = join(temporaryFolder(), 'host');
  writeFileSync(config, '::');
  const [running, port] = await serve([], 'hostOf', config);
  await ask({ host: '::1', port });
  writeFileSync(config, `127.0.0.1 ${port}`);
  process.kill(running.pid, 'SIGHUP');
  await running.line(/generation 2 serves/);
  await eventually('only the new address is served', () => {
    const { listeners } = readServer(running.pid).description;
    return listeners.length === 1 && listeners[0]?.address === `127.0.0.1:${port}`;
  });
  await expect(ask({ host: '::1', port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await allAnswer(running, { host: '127.0.0.1', port });
});

test.runIf(hasIpv6)('two servers of one worker on overlapping addresses: the error of plain node', async () => {
  const running = await startPrefork(['start', '-w', '2', APP, '--', 'overlap']);
  const errors = await running.stdout.lines(2, /^error (.*)$/);
  for (const [, text = ''] of errors) {
    const { code, syscall, address } = JSON.parse(text);
    expect({ code, syscall, address }).toEqual({ code: 'EADDRINUSE', syscall: 'listen', address: '127.0.0.1' });
  }
});

test('an address that no worker listens on any more refuses clients, and is had again when asked for', async () => {
  const [running, port] = await serve([], 'closeAndOpen');
  expect(await accepts(port)).toBe(true);
  for (const pid of workersOf(running)) process.kill(pid, 'SIGWINCH'); // The app closes its other server at that.
  await running.stdout.lines(WORKERS, /^closed \d+ (\d+)$/);
  const other = Number(/^closed \d+ (\d+)$/m.exec(running.stdout.text)?.[1]);
  await eventually('it is not among the addresses', () => {
    const { listeners } = readServer(running.pid).description;
    return listeners.length === 1;
  });
  while (await accepts(other));
  // A worker that is forked from where that server waited listens on it.
  const [pid] = workersOf(running);
  process.kill(pid as number, 'SIGKILL');
  const before = running.stdout.text.length;
  await running.line(/: ready/);
  await eventually('it listens', () => running.stdout.text.slice(before).includes(`"port":${other}`));
  expect(await accepts(other)).toBe(true);
});

test('an app that listens on many sockets, and on others after each reload', async () => {
  const folder = temporaryFolder();
  const running = await startPrefork(['start', '-w', '1', APP, '--', 'manyPaths', folder, '200']);
  await running.line(/serving on /);
  for (let generation = 2; generation <= 4; generation++) {
    process.kill(running.pid, 'SIGHUP');
    await running.line(new RegExp(`reload: generation ${generation} serves`));
    expect(await ask({ path: join(folder, `gen ${generation} 199`) })).toEqual(workersOf(running)[0]);
  }
  const tooMany = await startPrefork(['start', '-w', '1', APP, '--', 'manyPaths', folder, '257']);
  expect(await tooMany.closed).toEqual({ code: 4, signal: null });
  expect(tooMany.text).toContain('the app failed to load: it has the service listen on more than 256 sockets');
});
