import type { Cell, Comparison, Row } from '../../../src/compare/comparison.js';
import {
  type Figure,
  type Finding,
  MODELS,
  type Model,
  NAMES,
  type Plot,
  type Point,
} from '../../../src/compare/scenario.js';
import { spreadOf } from '../../../src/util/statistics.js';

/** What one model gives: findings of one round, a reason why there is none, or a function of the round. */
type Given = string | Finding | ((round: number) => Finding);

interface Kind {
  readonly title: string;
  readonly figures?: Readonly<Record<string, Figure>>;
  readonly plot?: Plot;
  readonly repeated?: boolean;
}

const MS = { unit: 'ms', better: 'less' } as const;
const COUNT = { unit: '', better: null } as const;
const PER_SECOND = { label: 'requests a second', unit: '/s', better: 'more' } as const;
const SPREAD: Kind = {
  title: '',
  figures: {
    least: { label: 'share of the least busy', unit: '%', better: 'more' },
    most: { label: 'share of the busiest', unit: '%', better: 'less' },
  },
  plot: { kind: 'bars', x: 'worker', y: 'connections' },
};
const RATE: Kind = {
  title: '',
  repeated: true,
  figures: {
    rate: PER_SECOND,
    p50: { label: 'p50', ...MS },
    p99: { label: 'p99', ...MS },
    cpu: { label: 'processor time a request', unit: 'µs', better: 'less' },
  },
};

/** The rows with the figures that decide something; the test's, where the real ones are longer. */
export const KINDS: Readonly<Record<string, Kind>> = {
  'who-accepts': { title: 'Who calls accept' },
  listener: { title: 'Who holds the listening socket' },
  delivery: { title: 'How a connection reaches its worker' },
  'spread-slowly': { ...SPREAD, title: 'How connections that arrive slowly spread' },
  'spread-at-once': { ...SPREAD, title: 'How connections that arrive at once spread' },
  'fourth-client': {
    title: 'The fourth client of three workers',
    figures: { answered: { label: 'answered after', ...MS } },
  },
  burn: {
    title: 'What others feel of a CPU-heavy request',
    figures: {
      idle50: { label: 'p50 without', ...MS },
      idle99: { label: 'p99 without', ...MS },
      p50: { label: 'p50', ...MS },
      p99: { label: 'p99', ...MS },
      slowest: { label: 'slowest', ...MS },
    },
  },
  'worker-dies': {
    title: 'A worker is killed',
    figures: { clients: { label: 'clients', ...COUNT }, lost: { label: 'lost', unit: '', better: 'less' } },
  },
  'worker-dies-under-load': {
    title: 'A worker is killed under load',
    figures: { failed: { label: 'failed requests', unit: '', better: 'less' }, gap: { label: 'longest gap', ...MS } },
    plot: { kind: 'dots', x: 'seconds since the kill', y: 'latency, ms', scale: 'log' },
  },
  leak: {
    title: 'What a worker’s exit gives back',
    figures: {
      before: { label: 'before', unit: 'MB', better: null },
      leaked: { label: 'leaked', unit: 'MB', better: null },
      after: { label: 'after', unit: 'MB', better: 'less' },
    },
  },
  'parent-dies': {
    title: 'The parent is killed',
    figures: {
      workersLeft: { label: 'workers left', ...COUNT },
      connectionsKept: { label: 'connections kept', unit: '', better: 'more' },
      newOnesServed: { label: 'new ones served', unit: '', better: 'more' },
    },
  },
  'start-up': {
    title: 'Start-up',
    repeated: true,
    figures: { first: { label: 'first answer', ...MS }, all: { label: 'all workers', ...MS } },
  },
  replace: { title: 'Replacing a worker', repeated: true, figures: { ms: { label: 'until the next serves', ...MS } } },
  fork: {
    title: 'Fork',
    repeated: true,
    figures: { ms: { label: 'until it runs', ...MS }, held: { label: 'the parent is held', ...MS } },
  },
  memory: {
    title: 'Memory of one more worker',
    figures: {
      idle: { label: 'idle', unit: 'MB', better: 'less' },
      served: { label: 'having served', unit: 'MB', better: 'less' },
    },
    plot: { kind: 'lines', x: 'workers', y: 'MB of PSS' },
  },
  'connection-per-request': { ...RATE, title: 'A connection for each request' },
  'keep-alive': { ...RATE, title: 'Requests on connections that stay' },
  'request-cost': {
    title: 'What a request costs the kernel',
    figures: {
      switches: { label: 'context switches', unit: '', better: 'less' },
      calls: { label: 'system calls', unit: '', better: 'less' },
    },
  },
  'round-trips': {
    title: 'Line-echo round trips',
    repeated: true,
    figures: {
      rate: { label: 'lines a second on one connection', unit: '/s', better: 'more' },
      rate3: { label: 'lines a second on three', unit: '/s', better: 'more' },
      p50: { label: 'p50', unit: 'µs', better: 'less' },
      cpu: { label: 'processor time a line', unit: 'µs', better: 'less' },
      switches: { label: 'context switches a line', unit: '', better: 'less' },
      calls: { label: 'system calls a line', unit: '', better: 'less' },
    },
  },
};

const NO_WORKERS = 'it has no workers';
const NO_HTTP = 'the echo server speaks no http';
const bars = (...shares: number[]): Finding => ({
  figures: { least: Math.min(...shares) / 6, most: Math.max(...shares) / 6 },
  points: shares.map((share, worker) => [worker + 1, share]),
});
const rates = (rate: number, p50: number) => (round: number) => ({
  figures: { rate: rate + 91 * round, p50: p50 + 0.01 * round, p99: 4 * p50 + 0.1 * round, cpu: 1e6 / rate + round },
});
const varied = (figures: Record<string, number>) => (round: number) => ({
  figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, value * (1 + 0.013 * round)])),
});
const memory = (idle: number, served: number): Finding => ({
  figures: { idle, served },
  points: [2, 4, 8, 16].map((workers) => [workers, 40 + idle * workers]),
});
const ALONE: Finding = {
  figures: { idle: null, served: null },
  points: [[1, 62]],
  note: 'it has one process in any case',
};
/** Twenty times a second for three seconds around the kill, all the same but for the gap after it. */
const dots = (failed: number, gap: number): Finding => ({
  figures: { failed, gap },
  note: `3 killed under 300 requests; failed: ${failed} × ECONNRESET`,
  points: Array.from({ length: 60 }, (_, i): Point => [i / 20 - 1, i === 21 ? Math.max(gap, 0.4) : 0.3 + (i % 7) / 9]),
});
const burn = (idle: number, p50: number, slowest: number): Finding => ({
  figures: { idle50: idle, idle99: 3 * idle, p50, p99: slowest, slowest },
});

/** What each model gives in each row, in the order of MODELS. */
const GIVEN: Readonly<Record<string, readonly Given[]>> = {
  'who-accepts': [
    { seen: 'each of the 3 children blocks in accept4(17)' },
    { seen: 'each of the 3 workers waits in epoll_wait and calls accept4(17)' },
    { seen: 'only the primary, in epoll_wait over its own listening socket' },
    { seen: 'each of the 3 workers waits in epoll_wait over a copy of the descriptor that the primary has sent' },
    { seen: 'the only process' },
  ],
  listener: [
    { seen: 'the parent and 3 children, one open file description' },
    { seen: 'the monitor, the zygote and 3 workers, one open file description' },
    { seen: 'the primary alone' },
    { seen: 'the primary and 3 workers, one open file description' },
    { seen: 'the only process', note: 'nothing to compare with' },
  ],
  delivery: [
    { seen: 'accept4(2) on the inherited descriptor' },
    { seen: 'accept4(2) on the inherited descriptor' },
    { seen: 'passed over the channel with SCM_RIGHTS' },
    { seen: 'accept4(2) on the descriptor that was passed' },
    NO_WORKERS,
  ],
  'spread-slowly': [bars(200, 201, 199), bars(198, 202, 200), bars(200, 200, 200), bars(20, 80, 500), NO_WORKERS],
  'spread-at-once': [bars(190, 210, 200), bars(150, 250, 200), bars(200, 200, 200), bars(70, 130, 400), NO_WORKERS],
  'fourth-client': [
    { seen: 'waits until a client leaves', figures: { answered: null }, note: 'no answer within 1 s' },
    ...[1.2, 1.9, 1.4, 0.8].map((answered) => ({ seen: 'is served at once', figures: { answered } })),
  ],
  burn: [NO_HTTP, burn(0.2, 0.21, 1.2), burn(0.2, 0.3, 320), burn(0.2, 0.3, 300), burn(0.1, 250, 510)],
  'worker-dies': [
    { seen: 'its own client alone', figures: { clients: 3, lost: 1 } },
    ...[10, 10, 11].map((lost) => ({ seen: 'the clients of that worker', figures: { clients: 30, lost } })),
    { seen: 'everybody', figures: { clients: 30, lost: 30 } },
  ],
  'worker-dies-under-load': [NO_HTTP, dots(4, 31), dots(4, 62), dots(5, 58), dots(420, 900)],
  leak: [
    NO_HTTP,
    { figures: { before: 9.1, leaked: 209.4, after: 9.2 } },
    { figures: { before: 19.1, leaked: 219.4, after: 19.6 } },
    { figures: { before: 19.2, leaked: 219.9, after: 19.1 } },
    { figures: { before: 62, leaked: 163, after: null }, note: 'the service ended with its only process' },
  ],
  'parent-dies': [
    { seen: 'the children serve on', figures: { workersLeft: 3, connectionsKept: 3, newOnesServed: 3 } },
    { seen: 'the workers end', figures: { workersLeft: 0, connectionsKept: 0, newOnesServed: 0 } },
    ...['cluster', 'none'].map((name) => ({
      seen: `the workers of ${name} notice the closed channel and leave`,
      figures: { workersLeft: 0, connectionsKept: 0, newOnesServed: 0 },
    })),
    'it has no parent',
  ],
  'start-up': [
    varied({ first: 71, all: 73 }),
    varied({ first: 120, all: 125 }),
    varied({ first: 160, all: 190 }),
    varied({ first: 161, all: 192 }),
    varied({ first: 52, all: 52 }),
  ],
  replace: [...[1.1, 5.2, 61, 60].map((ms) => varied({ ms })), NO_WORKERS],
  fork: [
    varied({ ms: 0.9, held: 0.7 }),
    { figures: { ms: 1.1, held: null }, note: 'its zygote forks, and holds nobody by that' },
    varied({ ms: 31, held: 1.2 }),
    varied({ ms: 31.4, held: 1.3 }),
    'it makes no processes',
  ],
  memory: [memory(2.4, 4.1), memory(4.2, 9.1), memory(17.5, 24.2), memory(17.6, 24.3), ALONE],
  'connection-per-request': [NO_HTTP, rates(9100, 0.9), rates(6300, 1.3), rates(9000, 0.95), rates(5400, 1.7)],
  'keep-alive': [NO_HTTP, rates(21_200, 0.4), rates(21_050, 0.41), rates(20_990, 0.4), rates(12_345, 0.8)],
  'request-cost': [
    NO_HTTP,
    { figures: { switches: 1.2, calls: 6.1 } },
    { figures: { switches: 2.9, calls: 14.2 } },
    { figures: { switches: 1.3, calls: 6.2 } },
    { figures: { switches: 0.4, calls: null }, note: 'strace may not attach' },
  ],
  'round-trips': [
    varied({ rate: 41_000, rate3: 80_000, p50: 21, cpu: 14, switches: 2, calls: 2 }),
    varied({ rate: 30_000, rate3: 61_000, p50: 32, cpu: 23, switches: 1.2, calls: 4.1 }),
    varied({ rate: 29_000, rate3: 60_000, p50: 33, cpu: 24, switches: 1.2, calls: 4.1 }),
    varied({ rate: 29_100, rate3: 60_100, p50: 33.5, cpu: 24, switches: 1.2, calls: 4.1 }),
    varied({ rate: 31_000, rate3: 41_000, p50: 30, cpu: 22, switches: 1, calls: 4 }),
  ],
};

/** A row of that kind with what each model gives, in the order of MODELS. */
export function sampleRow(id: string, rounds = 1, given: readonly Given[] = GIVEN[id] ?? []): Row {
  const { title = id, figures = {}, plot = null, repeated = false } = KINDS[id] ?? {};
  const cell = (index: number) => cellOf(given[index] ?? 'not tried', repeated ? rounds : 1, Object.keys(figures));
  const cells = Object.fromEntries(MODELS.map((model, index) => [model, cell(index)])) as Record<Model, Cell>;
  return { id, title, how: `How it is done: the steps that a reader repeats by hand for ${id}.`, figures, plot, cells };
}

function cellOf(given: Given, rounds: number, names: readonly string[]): Cell {
  if (typeof given === 'string')
    return { missing: given, seen: null, note: null, figures: {}, points: [], findings: [] };
  const findings = Array.from({ length: rounds }, (_, round) => (typeof given === 'function' ? given(round) : given));
  const last = findings.at(-1);
  const figures = Object.fromEntries(
    names.map((name) => [name, spreadOf(findings.flatMap((finding) => finding.figures?.[name] ?? []))]),
  );
  return {
    missing: null,
    seen: last?.seen ?? null,
    note: last?.note ?? null,
    figures,
    points: last?.points ?? [],
    findings,
  };
}

/** All rows, in five rounds; `given` takes the place of what the models give in some. */
export function sampleComparison(rounds = 5, given: Readonly<Record<string, readonly Given[]>> = {}): Comparison {
  return {
    date: '2030-01-02T03:04:05.000Z',
    quick: rounds === 1,
    rounds,
    machine: {
      cpu: 'Example CPU @ 3.00GHz',
      cores: 2,
      kernel: '6.1.0',
      node: 'v20.20.2',
      prefork: '1.2.3',
      load: [0.41, 2.1],
    },
    seconds: 372,
    models: MODELS.map((id) => ({ id, ...NAMES[id] })),
    rows: Object.keys(KINDS).map((id) => sampleRow(id, rounds, given[id])),
  };
}
