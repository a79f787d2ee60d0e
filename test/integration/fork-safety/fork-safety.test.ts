// What the runtime does for an app that is to be forked: its hooks, the look at what would be shared, its random pools.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/fork-safety/diagnostic.js';
import { answering } from '../../fixtures/safety/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT, type StartOptions, startNode } from '../../helpers/process.js';

const FIXTURES = join(ROOT, 'test/fixtures/safety');

/** The lines of JSON that a fixture writes. */
async function run(file: string, args: readonly string[], options: StartOptions = {}) {
  const env = { NODE_OPTIONS: '', TMPDIR: temporaryFolder(), ...options.env };
  const running = await startNode([join(FIXTURES, file), ...args], { ...options, env });
  const end = await running.closed;
  expect({ ...end, stderr: running.stderr.text }).toEqual({ code: 0, signal: null, stderr: '' });
  return running.stdout.json();
}

interface Seen {
  readonly before: Diagnostic[];
  readonly findings: Diagnostic[];
  readonly pending: string[];
}

/** What is found when a fixture has opened something that needs a server. */
async function open(name: string): Promise<Seen & { peer: string }> {
  const { port } = await answering();
  const [seen] = await run('open.mjs', [name, `${port}`]);
  expect(seen.before).toEqual([]);
  return { ...seen, peer: `127.0.0.1:${port}` };
}

const HERE = join(FIXTURES, 'open.mjs').replaceAll('.', '\\.');
const place = (through = '') => expect.stringMatching(new RegExp(`^${HERE}:\\d+:\\d+${through}$`));

test('a connected socket refuses the fork and is told by descriptor, peer, place and remedies', async () => {
  const { findings, pending, peer } = await open('socket');
  expect(findings).toEqual([
    {
      kind: 'socket',
      severity: 'refusal',
      fd: expect.any(Number),
      peer,
      place: place(),
      message: expect.stringMatching(new RegExp(`^fd \\d+ is connected to ${peer}, opened at ${HERE}:\\d+:\\d+$`)),
      remedy: expect.stringMatching(/beforeFork.*afterFork.*--no-preload$/),
    },
  ]);
  expect(pending).toEqual([expect.stringContaining(`a socket connected to ${peer}, opened at`)]);
});

test("a socket that a package opened is told by the app's own line, and the package", async () => {
  const { findings } = await open('socketByPackage');
  expect(findings).toEqual([expect.objectContaining({ severity: 'refusal', place: place(', through @some/client') })]);
});

test('a socket of the unix domain is told by the path of its peer', async () => {
  const path = join(temporaryFolder(), 'socket');
  await answering(path);
  const [{ findings }] = await run('open.mjs', ['unixSocket', path]);
  const remedy = expect.stringMatching(
    /beforeFork.*afterFork.*--no-preload.*if nothing is read.*--allow-shared-sockets$/,
  );
  expect(findings).toEqual([expect.objectContaining({ severity: 'refusal', peer: path, place: place(), remedy })]);
});

test('a socket under an HTTP/2 session is found', async () => {
  const { findings, peer } = await open('http2Session');
  expect(findings).toEqual([expect.objectContaining({ kind: 'socket', severity: 'refusal', peer, place: place() })]);
});

test('a socket of native code is found', async () => {
  const { findings, peer } = await open('nativeSocket');
  expect(findings).toEqual([expect.objectContaining({ severity: 'refusal', peer })]);
  expect(findings[0]?.message).toContain('by native code');
});

test('a socket of native code is told by the package, and a remedy that does not share it', async () => {
  const { findings, peer } = await open('nativeModule');
  expect(findings).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(new RegExp(`^fd \\d+ is connected to ${peer} by native code of some-client$`)),
      remedy: 'make it in afterFork (prefork/app) and not before, or start with --no-preload',
    }),
  ]);
});

test.each([
  ['lmdb', /^native code of lmdb is in use \(.*\/lock\.mdb\)/, /^close it in beforeFork and open it in afterFork/],
  ['zeromq', /^native code of zeromq is in use \(thread ZMQbg\/IO\/0\)/, /^make it in afterFork .* and not before/],
  ['librdkafka', /^native code of librdkafka is in use \(thread rdk:main\)/, /^make it in afterFork .* and not before/],
])('%s in use refuses the fork by name, and keeps the app from becoming quiet', async (name, message, remedy) => {
  const { findings, pending } = await open(name);
  expect(findings).toContainEqual(
    expect.objectContaining({
      kind: 'native code',
      severity: 'refusal',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    }),
  );
  expect(pending).toContainEqual(expect.stringMatching(message));
});

test('a socket that does not keep the event loop alive is warned of', async () => {
  const { findings, peer } = await open('unreferencedSocket');
  expect(findings).toEqual([expect.objectContaining({ kind: 'socket', severity: 'warning', peer, place: place() })]);
});

test.each(['idleAgent', 'idleFetch', 'unreferencedTimer', 'endedChild', 'value', 'idleNativeModules'])(
  '%s: no finding',
  async (name) => {
    expect((await open(name)).findings).toEqual([]);
  },
);

test.each([
  [
    'datagramSocket',
    'datagram',
    /^fd \d+ is a datagram socket bound to 127\.0\.0\.1:\d+, opened at .*, without reuseAddr: /,
  ],
  ['sharedDatagramSocket', 'datagram', /^fd \d+ is a datagram socket bound to 127\.0\.0\.1:\d+, opened at [^,]*$/],
  ['connectedDatagramSocket', 'datagram', /^fd \d+ is a datagram socket connected to 127\.0\.0\.1:\d+, opened at /],
  ['timer', 'timer', /^a timer of 1000 ms, whose function is at /],
  ['boundTimers', 'timer', /^3 timers of 60000 ms, whose function is at /],
  ['watcher', 'watcher', /^a watcher of files, begun at /],
  ['fileWatcher', 'watcher', /^a watcher of files, begun at /],
  ['child', 'child process', /^child process \d+ \(cat\) runs, started at /],
])('%s: a warning with its place', async (name, kind, message) => {
  const { findings } = await open(name);
  const finding = { kind, severity: 'warning', place: place(), message: expect.stringMatching(message) };
  expect(findings).toEqual([expect.objectContaining(finding)]);
});

test('a server that listens by itself: a warning', async () => {
  const { findings } = await open('server');
  expect(findings).toEqual([expect.objectContaining({ kind: 'server', severity: 'warning' })]);
});

test('a Worker is noted, and keeps the app from becoming quiet', async () => {
  const { findings, pending } = await open('worker');
  expect(findings).toEqual([expect.objectContaining({ kind: 'Worker', severity: 'note', place: place() })]);
  expect(pending).toEqual([expect.stringMatching(/^Worker 1, started at /)]);
});

test('a timer that fires once and soon is noted: it is a deadline, and no job', async () => {
  const { findings } = await open('deadline');
  const message = expect.stringMatching(/^a timer of 4000 ms, whose function is at /);
  expect(findings).toEqual([expect.objectContaining({ kind: 'timer', severity: 'note', place: place(), message })]);
});

test('a pool of random bytes is noted', async () => {
  const { findings } = await open('pool');
  expect(findings).toEqual([expect.objectContaining({ kind: 'random pool', severity: 'note', place: place() })]);
});

test.each(['cjs', 'esm'])(
  'siblings draw ids of their own from refilled pools: nanoid and uuid as %s',
  async (system) => {
    const [{ pools }, one, other] = await run('siblings.mjs', ['refilled', system]);
    expect(pools).toBe(4);
    for (const source of ['nanoid', 'uuid', 'own', 'later']) expect(one[source]).not.toBe(other[source]);
    expect(one.page).toBe(other.page);
  },
);

test('without that, they draw the same', async () => {
  const [, one, other] = await run('siblings.mjs', ['copied', 'cjs']);
  expect(one).toEqual(other);
});

function copyOfPrefork(): string {
  const copy = join(temporaryFolder(), 'prefork');
  cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  return pathToFileURL(join(copy, 'dist/app/api/index.js')).href;
}

const NOBODY = { esm: null, cjs: null };

test('under plain node no hook runs, nobody is a worker, and the addon is not loaded', async () => {
  const [seen] = await run('hooks.mjs', ['plain']);
  expect(seen).toMatchObject({ before: NOBODY, after: NOBODY, order: [], addon: false });
});

test.each(['the same copy of prefork', 'another copy'])('hooks run in order, awaited: %s', async (copy) => {
  const env = copy === 'another copy' ? { COPY: copyOfPrefork() } : {};
  const [seen] = await run('hooks.mjs', ['worker'], { env });
  const worker = { slot: 3, generation: 2, pid: seen.pid };
  expect(seen).toMatchObject({ before: NOBODY, after: { esm: worker, cjs: worker } });
  expect(seen.order).toEqual(['before 1', 'before 2', 'after 1 in 3, 3', 'after 2']);
});

test('the error of a hook names where the hook was registered', async () => {
  const [seen] = await run('hooks.mjs', ['failing']);
  expect(seen.error).toMatch(/^the afterFork hook of .*\/safety\/hooks\.mjs:\d+:\d+ failed: no such table$/);
  expect(seen.cause).toBe('RangeError');
});
