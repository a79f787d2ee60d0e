import type { Comparison } from '../comparison.js';
import { MODELS, type Model, NAMES } from '../models.js';
import { number, quantity } from '../report/format.js';
import {
  absence,
  cellOf,
  type Evaluation,
  type Evaluator,
  joined,
  listed,
  measured,
  medianOf,
  unmeasured,
  type Verdict,
  withLead,
} from './evidence.js';

// The claims are evaluated for the document's server, which is the model prefork, and for prefork start where that speaks
// no http; how the others did is said beside it. Each limit that decides a verdict is stated beside its evaluation, so
// that a reader may disagree with it.

const OTHERS = MODELS.filter((model) => model !== 'prefork');
/** GB of a machine's memory that a service of medium size has. */
const ROOM = 32;

const MEMORY = { idle: ['memory', 'idle', 'prefork'], served: ['memory', 'served', 'prefork'] } as const;
const SERVED = { served: MEMORY.served };
const FORK = ['fork', 'ms', 'prefork'] as const;
const DEATH = { clients: ['worker-dies', 'clients', 'prefork'], lost: ['worker-dies', 'lost', 'prefork'] } as const;
const BURN = { calm: ['burn', 'idle99', 'start'], burning: ['burn', 'slowest', 'start'] } as const;

/** By the names that the document's sentences have in claims.ts. */
export const EVALUATIONS: Readonly<Record<string, Evaluator>> = {
  workersAreTheLimit: byFourth((of, fourth) => onFourth(fourth, othersOnFourth(of))),
  /** Each child serves one client, so the fourth of three children's clients waits, whatever the other models do. */
  fourthWaits: byFourth((_, fourth) => onFourth(fourth)),
  /** The claim holds where the fourth client waits; what a further process costs is said beside it. */
  processEach: byFourth(
    (of, fourth) => {
      const [memory, time] = [medianOf(of, MEMORY.served), medianOf(of, FORK)];
      const costs = [memory !== undefined && quantity(memory, 'MB'), time !== undefined && quantity(time, 'ms')];
      return onFourth(fourth, withLead('a further child costs', costs.filter(Boolean).join(' and ')));
    },
    'memory',
    'fork',
  ),
  memoryOfOne: measured(MEMORY, ({ idle, served }, of) => ({
    verdict: byParts(isSeveralToTens(idle), isSeveralToTens(served)),
    because: joined(
      `one more child takes ${quantity(idle, 'MB')} idle and ${quantity(served, 'MB')} after it has served`,
      listed(of, 'memory', 'served', OTHERS),
    ),
  })),
  memoryOfThousand: measured(MEMORY, ({ idle, served }) => ({
    verdict: byParts(isSeveralToTens(idle), isSeveralToTens(served)),
    because: `1000 × ${quantity(idle, 'MB')} = ${quantity(idle, 'GB')}, and ${quantity(served, 'GB')} once all have served`,
  })),
  /** The comparison is with an event loop, which needs no process for a connection. */
  lessEfficient: measured(
    SERVED,
    ({ served }, of) =>
      besideLoop(of, (fourth, loop) => ({
        verdict: fourth === null && loop !== null ? 'holds' : 'does not hold',
        because: joined(
          `the fourth client of 3 children ${outcomeText(fourth)}`,
          `one child more takes ${quantity(served, 'MB')}`,
          `in the event loop’s one process${sizeOfLoop(of)} the fourth client ${outcomeText(loop)}`,
          'threads were not compared',
        ),
      })),
    'fourth-client',
  ),
  /** A fork that takes ten times the processor time of one line, or more, counts as expensive. */
  creationCosts: measured(
    { fork: FORK, line: ['round-trips', 'cpu', 'prefork'] },
    ({ fork, line }, of) => {
      const lines = (fork * 1000) / line;
      return {
        verdict: graded(lines >= 10, lines >= 1),
        because: joined(
          `a fork takes ${quantity(fork, 'ms')}, the processor’s work for ${number(Math.round(lines))} lines`,
          withLead('until a killed one is replaced', listed(of, 'replace', 'ms', MODELS)),
        ),
      };
    },
    'replace',
  ),
  /** The comparison is with the event loop, which serves the same lines in one process. */
  switchingCosts: measured(
    {
      switches: ['round-trips', 'switches', 'prefork'],
      cpu: ['round-trips', 'cpu', 'prefork'],
      loopSwitches: ['round-trips', 'switches', 'event-loop'],
      loopCpu: ['round-trips', 'cpu', 'event-loop'],
    },
    ({ switches, cpu, loopSwitches, loopCpu }, of) => ({
      verdict: byParts(switches > loopSwitches, cpu > 1.1 * loopCpu),
      because: joined(
        `${number(switches)} switches and ${quantity(cpu, 'µs')} of processor time a line; ` +
          `the event loop ${number(loopSwitches)} and ${quantity(loopCpu, 'µs')}`,
        withLead('lines a second', listed(of, 'round-trips', 'rate', ['prefork', 'event-loop'])),
      ),
    }),
    'request-cost',
  ),
  independence: unmeasured('how easy code is to understand is not a thing that a run shows'),
  noLocks: unmeasured('that code never needs a lock is not a thing that a run shows', 'who-accepts'),
  noRaces: unmeasured('that something never happens is not a thing that a run shows', 'listener'),
  /** Only the dead child's own client may lose its connection. */
  crashStaysAlone: measured(
    DEATH,
    ({ clients, lost }, of) => ({
      verdict: graded(lost <= 1, lost < clients),
      because: joined(
        `of ${number(clients)} clients ${number(lost)} lost the connection`,
        ...OTHERS.map((model) => losses(of, model)),
        withLead('failed under load', listed(of, 'worker-dies-under-load', 'failed', MODELS)),
      ),
    }),
    'worker-dies-under-load',
  ),
  /** The claim holds where nine tenths of the leaked memory are given back. */
  leakCleaned: measured(
    { before: ['leak', 'before', 'start'], leaked: ['leak', 'leaked', 'start'], after: ['leak', 'after', 'start'] },
    ({ before, leaked, after }) => {
      const back = (leaked - after) / (leaked - before);
      return {
        verdict: leaked > before ? graded(back >= 0.9, back >= 0.5) : 'not measured',
        because: `prefork start took ${quantity(before, 'MB')} before, ${quantity(leaked, 'MB')} with the leak, ${quantity(after, 'MB')} after the exit`,
      };
    },
  ),
  oneConnection: measured(DEATH, ({ clients, lost }, of) => ({
    verdict: graded(lost <= 1, lost < clients),
    because: joined(
      `the dead child had ${number(lost)} of ${number(clients)} clients`,
      withLead('lost with the others', listed(of, 'worker-dies', 'lost', OTHERS)),
    ),
  })),
  isolation: unmeasured('nothing here attacks a worker'),
  systemCalls: unmeasured('nothing here attacks a worker', 'listener'),
  yearsOfUse: unmeasured('no measurement shows years of use'),
  /** Other clients may lose no connection by a death, and wait up to three times the usual latency beside heavy work. */
  fewInteractions: measured({ ...DEATH, ...BURN }, ({ clients, lost, calm, burning }) => ({
    verdict: byParts(lost <= 1, burning <= 3 * calm),
    because: joined(
      `a death cost ${number(lost)} of ${number(clients)} clients`,
      `beside a CPU-heavy request to prefork start the slowest other took ${quantity(burning, 'ms')}; their p99 without it was ${quantity(calm, 'ms')}`,
    ),
  })),
  /** Clients of the other children keep their connections when a child dies, and when the parent dies. */
  sturdy: measured(
    {
      ...DEATH,
      kept: ['parent-dies', 'connectionsKept', 'prefork'],
      served: ['parent-dies', 'newOnesServed', 'prefork'],
    },
    ({ clients, lost, kept, served }, of) => ({
      verdict: byParts(lost <= 1, kept > 0),
      because: joined(
        `a child’s death cost ${number(lost)} of ${number(clients)} clients`,
        `after the parent’s death ${number(kept)} connections were kept, and ${number(served)} new ones served`,
        withLead('the others kept', listed(of, 'parent-dies', 'connectionsKept', OTHERS)),
      ),
    }),
  ),
  /** The claim holds where other clients wait a tenth as long as with the event loop, or less. */
  suitsHeavyRequests: measured({ ...BURN, loop: ['burn', 'slowest', 'event-loop'] }, ({ burning, loop }, of) => ({
    verdict: graded(burning <= loop / 10, burning < loop),
    because: `beside a CPU-heavy request the slowest other took: ${listed(of, 'burn', 'slowest', MODELS)}`,
  })),
  efficientDevelopment: unmeasured('how fast people write code is not a thing that a run shows'),
  suitsMediumLoad: measured(SERVED, ({ served }) => ({
    verdict: graded(served * 5 <= ROOM, served / 2 <= ROOM),
    because: `children for 500 connections take ${quantity(served / 2, 'GB')}, for 5000 ${quantity(served * 5, 'GB')}; held against ${ROOM} GB`,
  })),
  /** The claim holds where ten thousand children need more memory than a machine has. */
  unfitForMany: measured(
    SERVED,
    ({ served }, of) =>
      besideLoop(of, (fourth, loop) => ({
        verdict: byParts(fourth === null && loop !== null, served * 10 > ROOM),
        because: joined(
          `10,000 children take ${quantity(served * 10, 'GB')}, held against ${ROOM} GB`,
          `the fourth client of 3 children ${outcomeText(fourth)}`,
          othersOnFourth(of),
          'Go was not compared',
        ),
      })),
    'fourth-client',
  ),
};

/** Judges by how the fourth client of prefork fared: see withAnswer(). @param others as for measured() */
function byFourth(evaluate: (of: Comparison, fourth: number | null) => Evaluation, ...others: string[]): Evaluator {
  return {
    rows: ['fourth-client', ...others],
    evaluate: (of) => withAnswer(of, 'prefork', (fourth) => evaluate(of, fourth)),
  };
}

/** Judges by how the fourth client of prefork and that of the event loop fared: see withAnswer(). */
function besideLoop(of: Comparison, evaluate: (fourth: number | null, loop: number | null) => Evaluation): Evaluation {
  return withAnswer(of, 'prefork', (fourth) => withAnswer(of, 'event-loop', (loop) => evaluate(fourth, loop)));
}

/** @param evaluate with the milliseconds until the fourth client was answered, null when it was not */
function withAnswer(of: Comparison, model: Model, evaluate: (answer: number | null) => Evaluation): Evaluation {
  const place = ['fourth-client', 'answered', model] as const;
  const cell = cellOf(of, 'fourth-client', model);
  if (cell?.missing === null) return evaluate(medianOf(of, place) ?? null);
  return { verdict: 'not measured', because: absence(of, place) };
}

function onFourth(answer: number | null, more = ''): Evaluation {
  const verdict = answer === null ? 'holds' : 'does not hold';
  return { verdict, because: joined(`the fourth client of 3 children ${outcomeText(answer)}`, more) };
}

function outcomeText(answer: number | null): string {
  return answer === null ? 'had no answer while three stayed' : `was answered after ${quantity(answer, 'ms')}`;
}

function othersOnFourth(of: Comparison): string {
  return withLead('answered with an event loop in each process', listed(of, 'fourth-client', 'answered', OTHERS));
}

/** ' of 62 MB': where its memory was read. */
function sizeOfLoop(of: Comparison): string {
  const size = cellOf(of, 'memory', 'event-loop')?.points.at(-1)?.[1];
  return size === undefined ? '' : ` of ${quantity(size, 'MB')}`;
}

function losses(of: Comparison, model: Model): string {
  const [clients, lost] = ['clients', 'lost'].map((figure) => medianOf(of, ['worker-dies', figure, model]));
  const isKnown = clients !== undefined && lost !== undefined;
  return isKnown ? `${NAMES[model].name} ${number(lost)} of ${number(clients)}` : '';
}

/** Whether a number is what the document calls several to several tens (suu means two to nine). */
function isSeveralToTens(value: number): boolean {
  return value >= 2 && value <= 99;
}

function graded(holds: boolean, partly: boolean): Verdict {
  return holds ? 'holds' : partly ? 'partly' : 'does not hold';
}

/** How many parts of a sentence hold. */
function byParts(...parts: boolean[]): Verdict {
  return graded(parts.every(Boolean), parts.some(Boolean));
}
