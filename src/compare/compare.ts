import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageFile } from '../util/package-files.js';
import { spreadOf } from '../util/statistics.js';
import type { Cell, Comparison, Row } from './comparison.js';
import { alive } from './instruments/proc.js';
import { MODELS, type Model, NAMES } from './models.js';
import type { RunSize } from './run-size.js';
import { exclusionOf, type Finding, noteOf, type Scenario } from './scenario.js';
import type { Server } from './servers/server.js';
import { startServer } from './servers/start.js';

/** How long one scenario may take. */
const SCENARIO_TIMEOUT_MS = 120_000;

interface Options {
  readonly scenarios: readonly Scenario[];
  readonly size: RunSize;
  readonly quick: boolean;
  /** Told before each step: what comes, and how many of how many are done. */
  readonly progress: (what: string, done: number, total: number) => void;
}

/** Findings by scenario and model, one for each round: a text says why there is none. */
type Findings = Map<Scenario, Map<Model, (Finding | string)[]>>;

/** Runs the same servers on each model, one after another on this machine, and lines up what was found. */
export async function compare({ scenarios, size, quick, progress }: Options): Promise<Comparison> {
  const date = new Date().toISOString();
  const start = performance.now();
  const [before = 0] = loadavg();
  const findings: Findings = new Map(scenarios.map((scenario) => [scenario, new Map(MODELS.map((id) => [id, []]))]));
  const turns = scenarios
    .filter(({ setup }, index) => setup !== scenarios[index - 1]?.setup)
    .flatMap(({ setup }) => Array.from({ length: setup.repeated ? size.rounds : 1 }, () => setup))
    // All models of a round in a row, so that what else the machine does meets all alike.
    .flatMap((setup) => MODELS.map((model) => ({ model, scenarios: scenarios.filter((one) => one.setup === setup) })));
  const total = turns.reduce((sum, turn) => sum + turn.scenarios.length, 0);
  let done = 0;
  for (const turn of turns) {
    await takeTurn(turn.scenarios, turn.model, size, findings, ({ id }) =>
      progress(`${id}: ${turn.model}`, done++, total),
    );
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
    rows: scenarios.map((scenario) => rowOf(scenario, (model) => findings.get(scenario)?.get(model) ?? [])),
  };
}

/** What a measurement was taken on. */
export function machineFacts() {
  const cpu = cpus()[0]?.model ?? 'unknown';
  return { cpu, cores: availableParallelism(), kernel: release(), node: process.version };
}

/** Runs the scenarios of one setup on a server of one model, once. */
async function takeTurn(
  scenarios: readonly Scenario[],
  model: Model,
  size: RunSize,
  findings: Findings,
  begins: (scenario: Scenario) => void,
): Promise<void> {
  const setup = scenarios.find((scenario) => exclusionOf(scenario, model) === undefined)?.setup;
  const server = setup && (await startServer({ ...setup, model, quiet: setup.repeated }).catch(reasonOf));
  try {
    for (const scenario of scenarios) {
      begins(scenario);
      findings
        .get(scenario)
        ?.get(model)
        ?.push(exclusionOf(scenario, model) ?? (await findingOf(scenario, server ?? '', size)));
    }
  } finally {
    if (typeof server === 'object') await server.end();
  }
}

/** @param server or why there is none */
async function findingOf(scenario: Scenario, server: Server | string, size: RunSize): Promise<Finding | string> {
  if (typeof server === 'string') return server;
  const end = new AbortController();
  const late = sleep(SCENARIO_TIMEOUT_MS, `it took longer than ${SCENARIO_TIMEOUT_MS / 1000} s`, end).catch(reasonOf);
  const found = alive(server).then((living) => scenario.run(living, size));
  return Promise.race([found.catch(reasonOf), late]).finally(() => end.abort());
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What all rounds found of each model. */
function rowOf({ id, title, how, figures = {}, plot }: Scenario, found: (model: Model) => (Finding | string)[]): Row {
  const cells = MODELS.map((model) => [model, cellOf(Object.keys(figures), found(model))]);
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
