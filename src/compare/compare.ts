import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { packageFile } from '../util/package-files.js';
import { within } from '../util/poll.js';
import { spreadOf } from '../util/statistics.js';
import type { Cell, Comparison, Row } from './comparison.js';
import { alive } from './instruments/proc.js';
import {
  exclusionOf,
  type Finding,
  MODELS,
  NAMES,
  noteOf,
  type RunSize,
  type Scenario,
  type Server,
} from './scenario.js';
import { startServer } from './server.js';

/** How long one scenario may take. */
const SCENARIO_TIMEOUT_MS = 120_000;

interface Options {
  readonly scenarios: readonly Scenario[];
  readonly size: RunSize;
  readonly quick: boolean;
  /** Told before each step: what comes, and how many of how many are done. */
  readonly progress: (what: string, done: number, total: number) => void;
}

/** What was found in each round, by 'SCENARIO MODEL': a text says why there is nothing. */
type Findings = Map<string, (Finding | string)[]>;

/** Runs the same servers on each model, one after another on this machine, and lines up what was found. */
export async function compare({ scenarios, size, quick, progress }: Options): Promise<Comparison> {
  const date = new Date().toISOString();
  const start = performance.now();
  const [before = 0] = loadavg();
  const turns = scenarios
    .filter(({ setup }, index) => setup !== scenarios[index - 1]?.setup)
    .flatMap(({ setup }) => Array.from({ length: setup.repeated ? size.rounds : 1 }, () => setup))
    // All models of a round in a row, so that what else the machine does meets all alike.
    .flatMap((setup) => MODELS.map((model) => ({ model, setup, own: scenarios.filter((one) => one.setup === setup) })));
  const total = turns.reduce((sum, { own }) => sum + own.length, 0);
  const found: Findings = new Map();
  let done = 0;
  for (const { model, setup, own } of turns) {
    const server = await startServer({ ...setup, model, quiet: setup.repeated }).catch(reasonOf);
    for (const scenario of own) {
      progress(`${scenario.id}: ${model}`, done++, total);
      const key = `${scenario.id} ${model}`;
      const finding = exclusionOf(scenario, model) ?? (await findingOf(scenario, server, size));
      found.set(key, [...(found.get(key) ?? []), finding]);
    }
    if (typeof server === 'object') await server.end();
  }
  return {
    date,
    quick,
    rounds: size.rounds,
    machine: {
      ...machineFacts(),
      prefork: JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version,
      load: [before, loadavg()[0] ?? 0],
    },
    seconds: Math.round((performance.now() - start) / 1000),
    models: MODELS.map((id) => ({ id, ...NAMES[id] })),
    rows: scenarios.map((scenario) => rowOf(scenario, found)),
  };
}

/** What a measurement was taken on. */
export function machineFacts() {
  const cpu = cpus()[0]?.model ?? 'unknown';
  return { cpu, cores: availableParallelism(), kernel: release(), node: process.version };
}

/** @param server or why there is none */
async function findingOf(scenario: Scenario, server: Server | string, size: RunSize): Promise<Finding | string> {
  if (typeof server === 'string') return server;
  const finding = alive(server).then((living) => scenario.run(living, size));
  const late = `it took longer than ${SCENARIO_TIMEOUT_MS / 1000} s`;
  return (await within(SCENARIO_TIMEOUT_MS, finding.catch(reasonOf))) ?? late;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What all rounds found of each model. */
function rowOf({ id, title, how, figures = {}, plot }: Scenario, found: Findings): Row {
  const names = Object.keys(figures);
  const cells = MODELS.map((model) => [model, cellOf(names, found.get(`${id} ${model}`) ?? [])]);
  return { id, title, how, figures, plot: plot ?? null, cells: Object.fromEntries(cells) };
}

function cellOf(figures: readonly string[], all: readonly (Finding | string)[]): Cell {
  const findings = all.filter((one) => typeof one === 'object');
  const reasons = all.filter((one) => typeof one === 'string');
  const [reason = 'it was not looked for'] = reasons;
  const last = findings.at(-1);
  const failed = last && reasons.length > 0 ? `${reasons.length} of ${all.length} rounds failed: ${reason}` : undefined;
  return {
    missing: last === undefined ? reason : null,
    seen: last?.seen ?? null,
    note: noteOf(last?.note, failed) ?? null,
    figures: Object.fromEntries(
      figures.map((name) => [name, spreadOf(findings.flatMap((finding) => finding.figures?.[name] ?? []))]),
    ),
    points: last?.points ?? [],
    findings,
  };
}
