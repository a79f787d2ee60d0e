import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exclusionOf, type Finding, type Model, type RunSize, type Scenario } from '../../../src/compare/scenario.js';
import { SCENARIOS } from '../../../src/compare/scenarios/index.js';
import { ROOT, startNode } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { HAS_STRACE } from '../../helpers/strace.js';

const SIZE: RunSize = {
  rounds: 1,
  seconds: 0.2,
  warmUp: 0.1,
  connections: 10,
  tries: 2,
  families: [1, 2],
  requests: 40,
};
/** Milliseconds for a test with a server and clients of its own. */
const TIMEOUT_MS = 50_000;

interface Seen {
  readonly finding: Finding;
  /** What the scoreboard of prefork start counted meanwhile. */
  readonly requests: number;
  /** The processes that served before and after, and the latter's root. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Those that are still there when the server has been ended. */
  readonly left: readonly number[];
}

/** Runs a scenario on a server of its own. */
async function run(id: string, model: Model, workers: number, env: NodeJS.ProcessEnv = {}): Promise<Seen> {
  const dist = (path: string) => JSON.stringify(join(ROOT, 'dist', path));
  const app = id === 'round-trips' || model === 'prefork' ? 'echo' : 'http';
  const program = await startNode(
    [
      '--input-type=module',
      '--eval',
      `
      import { startServer } from ${dist('compare/server.js')};
      import { readServer } from ${dist('scoreboard/index.js')};
      import { setTimeout as sleep } from 'node:timers/promises';
      import { SCENARIOS } from ${dist('compare/scenarios/index.js')};
      const server = await startServer(${JSON.stringify({ model, app, workers, quiet: true })});
      const requests = () =>
        server.model === 'start' ? readServer(server.root).workers.reduce((sum, { requests }) => sum + requests, 0) : 0;
      Object.assign(process.env, ${JSON.stringify(env)});
      try {
        const [before, counted] = [server.serving(), requests()];
        const scenario = SCENARIOS.find(({ id }) => id === ${JSON.stringify(id)});
        const finding = await scenario.run(server, ${JSON.stringify(SIZE)});
        // The scoreboard is brought up to date once a second.
        for (let last = -1; last !== requests(); await sleep(1100)) last = requests();
        const seen = { finding, requests: requests() - counted, before, after: server.serving() };
        await server.end();
        console.log(JSON.stringify({ ...seen, left: server.members() }));
      } finally {
        await server.end();
      }`,
    ],
    {},
  );
  const [line] = await program.stdout.line(/^\{.*\}$/, TIMEOUT_MS);
  return JSON.parse(line);
}

function scenario(id: string): Scenario {
  return SCENARIOS.find((one) => one.id === id) as Scenario;
}

function figure({ figures }: Finding, name: string): number {
  const value = figures?.[name];
  if (typeof value !== 'number') throw new Error(`there is no ${name} in ${JSON.stringify(figures)}`);
  return value;
}

const IDS = [
  'start-up',
  'replace',
  'fork',
  'memory',
  'connection-per-request',
  'keep-alive',
  'request-cost',
  'round-trips',
];

test.each(IDS)('%s gives the figures that it declares, all of them numbers, and leaves nothing behind', async (id) => {
  const { figures = {} } = scenario(id);
  const { finding, before, after, left } = await run(id, 'cluster', 2);
  expect(Object.keys(finding.figures ?? {}).sort()).toEqual(Object.keys(figures).sort());
  const missing = HAS_STRACE ? [] : ['calls'];
  for (const [name, value] of Object.entries(finding.figures ?? {})) {
    if (!missing.includes(name)) expect(value, name).toBeGreaterThan(0);
  }
  expect(after).toHaveLength(before.length);
  expect(left).toEqual([]);
});

test('a killed worker’s place is taken by another when its replacement has answered', async () => {
  const { before, after } = await run('replace', 'start', 2);
  expect(after).toHaveLength(2);
  expect(after).not.toEqual(before);
});

test('the worker that is ordered to see how long that takes goes again, and the others stay', async () => {
  const { finding, before, after } = await run('fork', 'start', 2);
  expect(figure(finding, 'ms')).toBeGreaterThan(0);
  expect(finding.figures?.held).toBeNull();
  expect(finding.note).toMatch(/zygote/);
  expect(after).toEqual(before);
});

test('fork(2) returns before its child is heard', async () => {
  const { finding } = await run('fork', 'prefork', 1);
  expect(figure(finding, 'held')).toBeLessThanOrEqual(figure(finding, 'ms'));
});

test('a server that stays one process has no memory of one more worker, and says so', async () => {
  const { finding } = await run('memory', 'event-loop', 1);
  expect(finding.figures).toEqual({ idle: null, served: null });
  expect(finding.points).toHaveLength(1);
  expect(finding.note).toMatch(/one process/);
});

test('larger families take more memory', async () => {
  const { finding } = await run('memory', 'start', 2);
  expect(finding.points?.map(([workers]) => workers)).toEqual([1, 2]);
  const [[, one] = [0, 0], [, two] = [0, 0]] = finding.points ?? [];
  expect(one).toBeGreaterThan(0);
  expect(two).toBeGreaterThan(one);
});

test('the server has seen as many requests as its rate says, and those of the warm-up', async () => {
  const { finding, requests } = await run('keep-alive', 'start', 2);
  expect(finding.note ?? '').not.toMatch(/failed/);
  expect(figure(finding, 'p50')).toBeLessThanOrEqual(figure(finding, 'p99'));
  expect(requests).toBeGreaterThan(figure(finding, 'rate') * SIZE.seconds);
});

testWith('strace')(
  'a line costs the blocking server a read and a write at least, and few calls more',
  async ({ skip }) => {
    skip(!HAS_STRACE, 'strace may not look at processes here');
    const { finding } = await run('round-trips', 'prefork', 3);
    expect(figure(finding, 'calls')).toBeGreaterThanOrEqual(2);
    expect(figure(finding, 'calls')).toBeLessThan(10);
    expect(figure(finding, 'switches')).toBeGreaterThan(0);
  },
);

test('without strace the calls are missing, and it says why', async () => {
  const { finding } = await run('request-cost', 'event-loop', 1, { PATH: '/nonexistent' });
  expect(finding.figures?.calls).toBeNull();
  expect(finding.note).toMatch(/strace is not installed/);
  expect(figure(finding, 'switches')).toBeGreaterThan(0);
});

test('who cannot take part says why', () => {
  for (const id of ['connection-per-request', 'keep-alive', 'request-cost', 'replace']) {
    expect(exclusionOf(scenario(id), 'prefork')).toMatch(/no http/);
    expect(exclusionOf(scenario(id), 'start')).toBeUndefined();
  }
  for (const id of ['replace', 'fork']) expect(exclusionOf(scenario(id), 'event-loop')).toBeDefined();
});
