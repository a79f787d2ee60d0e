import { once } from 'node:events';
import { type MonitorEvent, type PreforkError, serve } from 'prefork';
import { expect, onTestFinished, test } from 'vitest';
import { APP } from '../../fixtures/start/server.js';
import { isAlive, statusField } from '../../helpers/proc.js';
import { startNode } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const BOOT = 'test/fixtures/start/boot.mjs';

type Options = Parameters<typeof serve>[0];
type Service = Awaited<ReturnType<typeof serve>>;

async function served(options: Partial<Options> = {}): Promise<Service> {
  const service = await serve({ app: APP, workers: 2, ...options });
  onTestFinished(() => service.close({ quick: true }));
  return service;
}

async function ask(service: Service, path = '/'): Promise<string> {
  return (await fetch(`http://${service.addresses[0]}${path}`, { headers: { connection: 'close' } })).text();
}

function pids(service: Service): number[] {
  return service.status().workers.map(({ pid }) => pid);
}

/** The end of a promise that must fail, by its code or name. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: PreforkError) => error,
  );
  return typeof error.code === 'string' ? error.code : error.name; // A DOMException's code is a number.
}

test('serve() resolves when all workers serve, and status() tells how they do', async () => {
  const service = await served();
  expect(service.addresses).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
  expect(pids(service)).toContain(Number(await ask(service, '/pid')));
  const { description, workers } = service.status();
  expect(description).toMatchObject({ pid: service.pid, target: 2, generation: 1, stopping: false });
  expect(workers.map(({ slot, state }) => [slot, state])).toEqual([0, 1].map((slot) => [slot, 'ready']));
});

test('each event is raised under its own name and under that of all', async () => {
  const service = await served();
  const all: MonitorEvent[] = [];
  service.on('event', (event) => all.push(event));
  const ready = new Promise((resolve) => service.once('worker ready', resolve));
  const [victim] = pids(service) as [number];
  process.kill(victim, 'SIGKILL');
  expect(await ready).toMatchObject({ type: 'worker ready', slot: 0, generation: 1, pid: expect.any(Number) });
  expect(all.map(({ type }) => type)).toEqual(['worker died', 'worker ready']);
  expect(all[0]).toMatchObject({ pid: victim, slot: 0, how: 'SIGKILL', expected: false });
});

test('reload() resolves when the new generation serves', async () => {
  const service = await served();
  const before = pids(service);
  await service.reload();
  expect(service.status().description.generation).toBe(2);
  await eventually('the old ones have left', () => !pids(service).some((pid) => before.includes(pid)));
});

test('reload() during a reload resolves when the generation after that one serves', async () => {
  const service = await served();
  const begins = once(service, 'reload begins');
  const first = service.reload();
  await begins;
  await service.reload();
  expect(service.status().description.reload).toEqual({ state: 'done', generation: 3 });
  await first;
});

test('reload() fails with a code where the new app does, and the old one serves on', async () => {
  const service = await served({ app: 'test/fixtures/start/once.mjs' });
  const before = pids(service);
  expect(await failure(service.reload())).toBe('ERR_PREFORK_RELOAD_FAILED');
  expect(pids(service)).toEqual(before);
  expect(await ask(service)).toBe('once');
});

test('scale() changes the number of workers', async () => {
  const service = await served();
  service.scale(4);
  await eventually('there are four', () => {
    const { workers } = service.status();
    return workers.length === 4 && workers.every(({ state }) => state === 'ready');
  });
  service.scale(1);
  await eventually('there is one', () => pids(service).length === 1);
});

test('close() may be called again, and nothing works after it', async () => {
  const service = await served();
  const workers = pids(service);
  await Promise.all([service.close(), service.close()]);
  await service.close();
  expect(service.exitCode).toBe(0);
  expect([service.pid, ...workers].some(isAlive)).toBe(false);
  expect(() => service.status()).toThrow(/no such process/);
  expect(await failure(service.reload())).toBe('ERR_PREFORK_ENDED');
});

test('the disposer closes it', async () => {
  const service = await served();
  await service[Symbol.asyncDispose]();
  expect(isAlive(service.pid)).toBe(false);
});

test('an abort closes it, and before it serves fails serve()', async () => {
  const abort = new AbortController();
  const service = await served({ signal: abort.signal });
  abort.abort();
  await eventually('it has ended', () => !isAlive(service.pid));
  expect(await failure(serve({ app: APP, signal: abort.signal }))).toBe('AbortError');
  const signal = AbortSignal.timeout(100);
  expect(await failure(serve({ app: BOOT, args: ['hookHangs'], grace: 100, signal }))).toBe('TimeoutError');
});

test.for([
  [{ app: BOOT, args: ['throws'] }, 'ERR_PREFORK_LOAD_FAILED'],
  [{ app: BOOT, args: ['workerExits'] }, 'ERR_PREFORK_BOOT_FAILED'],
  [{ app: APP, workers: 0 }, 'ERR_PREFORK_INVALID_OPTION'],
  [{ app: 'no/such/app.js' }, /^ERR_PREFORK_/],
  [{ app: APP, pidfile: '/no/such/folder/pid' }, /^ERR_PREFORK_ENDED$/],
  [{ app: APP, statusHost: '192.0.2.1', statusPort: 1 }, /^ERR_PREFORK_ENDED$/],
] as const)('serve(%o) fails with a code', async ([options, code]) => {
  expect(await failure(serve(options))).toMatch(code);
});

test.for([
  ['--input-type=module', '-e'],
  ['--input-type', 'module', '--no-warnings', '--eval'],
])('serve() works in a program that Node gets by %o', async (flags) => {
  const program = `
    import { serve } from 'prefork';
    const service = await serve({ app: '${APP}', workers: 1 });
    console.log('served', service.addresses[0]);
    await service.close();`;
  const caller = await startNode([...flags, program]);
  await caller.stdout.line(/^served 127\.0\.0\.1:\d+$/);
  expect(await caller.closed).toEqual({ code: 0, signal: null });
});

test("a program's flags of Node are the app's: hooks for import are in the workers, not in the monitor", async () => {
  const program = `
    import { serve } from 'prefork';
    const service = await serve({ app: '${APP}', workers: 1, preload: false });
    console.log('served', service.addresses[0]);
    await service.close();`;
  const hooks = ['--import', './test/fixtures/start/hooks.mjs', '--import', './test/fixtures/start/flag.mjs'];
  const caller = await startNode([...hooks, '--input-type=module', '-e', program]);
  await caller.stdout.line(/^flag.mjs runs in .*node$/);
  await caller.stdout.line(/^flag.mjs runs in prefork: worker 0$/);
  await caller.stdout.line(/^served 127\.0\.0\.1:\d+$/);
  expect(await caller.closed).toEqual({ code: 0, signal: null });
});

test('a service ends with its caller', async () => {
  const caller = await startNode(['test/fixtures/start/caller.mjs', APP]);
  const [, list = ''] = await caller.line(/monitor ([\d ]+)/);
  const processes = list.split(' ').map(Number);
  expect(processes).toHaveLength(3);
  expect(statusField(processes[0] as number, 'PPid')).toBe(`${caller.pid}`);
  process.kill(caller.pid, 'SIGKILL');
  await eventually('all have ended', () => !processes.some(isAlive));
});
