import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Server, type ServerOptions, startServer } from '../../fixtures/start/server.js';
import { CLI, ROOT, startNode } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

interface Memory {
  readonly pid: number;
  /** In MiB. */
  readonly whileLoading: number;
  readonly young: number;
  /** That the process has taken, and the zygote before, in milliseconds. */
  readonly cpu: number;
  readonly seen?: string;
  /** By a program that the app starts. */
  readonly inherited: string;
  /** Whether V8 takes cached code that was compiled when the app was loaded. */
  readonly takesCache: boolean;
}

const NODE = Number.parseInt(process.versions.node, 10);
/** From Node 24 on, V8 takes some pages more while it collects, in MiB. */
const EXCESS = NODE >= 24 ? 1 : 0;

test('a worker is born with a small young generation, however large loading has made it', async () => {
  const { ask } = await start({});
  const { whileLoading, young } = await ask('/');
  expect(whileLoading).toBeGreaterThanOrEqual(8);
  expect(young).toBeLessThanOrEqual(2);
});

test('the young generation grows no further than it may', async () => {
  const { ask } = await start({ args: ['--max-young-generation', '2M'] });
  for (let n = 0; n < 200; n++) expect((await ask('/keep')).young).toBeLessThanOrEqual(2 + EXCESS);
});

test('V8 takes cached code in a worker as when the app was loaded', async () => {
  const { ask } = await start({});
  for (const path of ['/', '/keep', '/']) expect((await ask(path)).takesCache).toBe(true);
});

test('the young generation stays small while its collections are cheap', async () => {
  const { ask } = await start({});
  await workLong(ask, '/compute');
  expect((await ask('/')).young).toBeLessThanOrEqual(2);
});

test('the young generation grows to 8 MiB where its collections take much of the processor time', async () => {
  const { ask } = await start({});
  let largest = 0;
  const askAgain = async () => {
    largest = Math.max(largest, (await ask('/keep')).young);
    return largest >= 8;
  };
  await eventually('it has grown', askAgain);
  for (let n = 0; n < 200; n++) await askAgain();
  expect(largest).toBeLessThanOrEqual(8 + EXCESS);
});

test('it grows as soon where the load took long', async () => {
  const { ask } = await start({ env: { LOAD_MS: '3000' } });
  const { cpu: born } = await ask('/');
  const grown = await eventually('it has grown', async () => {
    const memory = await ask('/keep');
    return memory.young > 2 + EXCESS && memory;
  });
  expect(grown.cpu - born).toBeLessThan(2500);
});

test.each([
  ['without a maximum', { args: ['--max-young-generation', '0'] }],
  ['where Node is told its size', { env: { NODE_OPTIONS: '--max-semi-space-size=16' } }],
])('it grows as V8 wants %s', async (_, options) => {
  const { ask } = await start(options);
  await eventually('it is above the default', async () => (await ask('/keep')).young > 8);
});

test('a worker that has rested for long gives back what a full collection finds', async () => {
  const p = await startNode([join(ROOT, 'test/fixtures/start/rest.mjs')]);
  expect(await p.closed).toEqual({ code: 0, signal: null });
  const { before, tooEarly, rested, again, restedAgain } = JSON.parse(p.text);
  expect(tooEarly).toBeGreaterThan(0.9 * before);
  expect(rested).toBeLessThan(before - 16);
  expect(restedAgain).toBeLessThan(again - 16);
});

test('one arena for the allocator, of which neither the app nor what it starts sees anything', async () => {
  const { ask } = await start({});
  const { pid, seen, inherited } = await ask('/');
  expect(environmentOf(pid)).toContain('MALLOC_ARENA_MAX=1');
  expect({ seen, inherited }).toEqual({ seen: undefined, inherited: '' });
});

test("the user's own number of arenas is left alone", async () => {
  const { ask } = await start({ env: { MALLOC_ARENA_MAX: '3' } });
  const { pid, seen, inherited } = await ask('/');
  expect(environmentOf(pid)).toContain('MALLOC_ARENA_MAX=3');
  expect({ seen, inherited }).toEqual({ seen: '3', inherited: '3' });
});

// On Node 26 the look-up itself writes to them, also where their hashes are known.
test.skipIf(NODE >= 26)('a worker does not write to strings that it uses as keys', async () => {
  const server = await startServer({ app: 'test/fixtures/start/keys.mjs', workers: 1 });
  const { before, after, pages } = JSON.parse(await server.ask('/')) as Record<'before' | 'after' | 'pages', number>;
  // Each page of the catalogue has keys that were looked up for the first time; the young generation and the code of
  // the worker's first request take several hundred more, however large the catalogue is.
  expect(pages).toBeGreaterThan(4000);
  expect(after - before).toBeLessThan(pages / 3);
});

describe('a worker collects all garbage', () => {
  const LOADED = /the app is loaded, .*/;
  const COMPACTED = /its heap was fragmented: [\d.]+ MiB were compacted to [\d.]+ MiB in \d+ ms/;

  test('and has little memory for itself, where the app threw away much of what it loaded', async () => {
    const flags = { app: 'test/fixtures/start/fragmented.mjs', workers: 1, env: { KEPT: '40' } };
    const compacted = await startServer(flags);
    const fragmented = await startServer({ ...flags, program: ['--no-compact', CLI] });
    const [own, sum] = await collected(compacted);
    const [ownFragmented, sumFragmented] = await collected(fragmented);
    expect(compacted.running.text).toMatch(COMPACTED);
    expect(own).toBeLessThan(ownFragmented / 3);
    expect(sum).toBe(sumFragmented);
  });

  test('and a heap that is dense is left as it is', async () => {
    const server = await startServer({ app: 'test/fixtures/start/fragmented.mjs', workers: 1, env: { KEPT: '100' } });
    expect(LOADED.exec(server.running.text)?.[0]).not.toMatch(COMPACTED);
  });

  async function collected(server: Server): Promise<[own: number, sum: number]> {
    const { own, sum } = JSON.parse(await server.ask('/collect'));
    return [own, sum];
  }
});

async function start(options: ServerOptions) {
  const server = await startServer({ app: 'test/fixtures/start/memory.mjs', workers: 1, ...options });
  return {
    ask: async (path: string): Promise<Memory> => JSON.parse(await server.ask(path)),
  };
}

/** Asks until the worker has taken so much processor time that the share of collections has been looked at. */
async function workLong(ask: (path: string) => Promise<Memory>, path: string): Promise<void> {
  const { cpu: born } = await ask('/');
  await eventually('it has worked for two seconds', async () => (await ask(path)).cpu - born > 2000);
}

/** As the process was started with it: the zygote's, for a worker. */
function environmentOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
}
