import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import type { Comparison } from './comparison.js';
import { MODELS, NAMES } from './models.js';
import { rowOf } from './outcomes.js';
import { type RunOptions, run } from './run.js';

/** Runs the same servers on each model, one after another on this machine, and lines up what was seen. */
export async function compare(options: RunOptions & { readonly quick: boolean }): Promise<Comparison> {
  const date = new Date().toISOString();
  const start = performance.now();
  const [before = 0] = loadavg();
  const outcomes = await run(options);
  const observations = options.scenes.flatMap((scene) => scene.observations);
  return {
    date,
    quick: options.quick,
    rounds: options.effort.rounds,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      kernel: release(),
      node: process.version,
      prefork: version(),
      load: [before, loadavg()[0] ?? 0],
    },
    seconds: Math.round((performance.now() - start) / 1000),
    models: MODELS.map((id) => ({ id, ...NAMES[id] })),
    rows: observations.map((observation) => rowOf(observation, outcomes)),
  };
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
