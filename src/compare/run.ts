import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort } from './effort.js';
import { MODELS, type Model } from './models.js';
import type { Observation, Scene } from './observation.js';
import type { Outcome, Outcomes } from './outcomes.js';
import type { Server } from './servers/server.js';
import { startServer } from './servers/start.js';

/** How long one observation may take, in milliseconds. */
const PATIENCE = 120_000;

export interface RunOptions {
  readonly scenes: readonly Scene[];
  readonly effort: Effort;
  /** Told before each step: what comes, and how many of how many are done. */
  readonly progress: (what: string, done: number, total: number) => void;
}

/**
 * Makes all observations, on one server after another: all models of a round in a row, so that what else the machine
 * does meets all alike.
 */
export async function run({ scenes, effort, progress }: RunOptions): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const turns = scenes.flatMap((scene) => turnsOf(scene, effort));
  const total = turns.reduce((sum, { scene }) => sum + scene.observations.length, 0);
  let done = 0;
  for (const turn of turns) {
    await takeTurn(turn, effort, ({ id }) => progress(`${id}: ${turn.model}`, done++, total), outcomes);
  }
  return outcomes;
}

/** One model in one round of a scene. */
interface Turn {
  readonly scene: Scene;
  readonly model: Model;
}

function turnsOf(scene: Scene, { rounds }: Effort): Turn[] {
  const round = MODELS.map((model) => ({ scene, model }));
  return Array.from({ length: scene.repeated ? rounds : 1 }, () => round).flat();
}

async function takeTurn(
  { scene, model }: Turn,
  effort: Effort,
  begins: (observation: Observation) => void,
  outcomes: Outcomes,
): Promise<void> {
  const { app, workers, observations, repeated: quiet } = scene;
  const partakes = observations.some(({ excluded }) => excluded?.(model) === undefined);
  const server = partakes ? await startServer({ model, app, workers, quiet }).catch(reasonOf) : '';
  try {
    for (const observation of observations) {
      begins(observation);
      note(outcomes, observation, model, await outcomeOf(observation, model, server, effort));
    }
  } finally {
    if (typeof server !== 'string') await server.end();
  }
}

/** @param server or why there is none */
async function outcomeOf(
  { excluded, observe }: Observation,
  model: Model,
  server: Server | string,
  effort: Effort,
): Promise<Outcome> {
  const reason = excluded?.(model);
  if (reason !== undefined) return { missing: reason };
  if (typeof server === 'string') return { missing: server };
  const end = new AbortController();
  const late = sleep(PATIENCE, undefined, { signal: end.signal }).then(
    () => ({ missing: `it took longer than ${PATIENCE / 1000} s` }),
    () => ({ missing: '' }),
  );
  const found = observe(server, effort).then(
    (finding) => ({ finding }),
    (error) => ({ missing: reasonOf(error) }),
  );
  return Promise.race([found, late]).finally(() => end.abort());
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function note(outcomes: Outcomes, { id }: Observation, model: Model, outcome: Outcome): void {
  const models = outcomes.get(id) ?? new Map<Model, Outcome[]>();
  outcomes.set(id, models);
  models.set(model, [...(models.get(model) ?? []), outcome]);
}
