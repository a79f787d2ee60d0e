import { number, quantity } from '../report/format.js';
import { type Evaluator, judged, unmeasured, type Verdict } from './evidence.js';

// The claims are evaluated for the document's server, which is the model prefork, and for prefork start where that speaks
// no http; how the others did is said beside it. Each limit that decides a verdict is stated beside its evaluation, so
// that a reader may disagree with it.

/** GB of a machine's memory that a service of medium size has. */
const ROOM = 32;

/** By the names that the document's sentences have in claims.ts. */
export const EVALUATIONS: Readonly<Record<string, Evaluator>> = {
  workersAreTheLimit: judged(['fourth-client.answered.prefork'], onFourth),
  /** Each child serves one client, so the fourth of three children's clients waits, whatever the other models do. */
  fourthWaits: judged(['fourth-client.answered.prefork'], onFourth),
  /** The claim holds where the fourth client waits; what a further process costs is said beside it. */
  processEach: judged(['fourth-client.answered.prefork', 'memory.served', 'fork.ms'], onFourth),
  memoryOfOne: judged(['memory.idle.prefork', 'memory.served.prefork'], (...sizes) => byParts(...sizes.map(isFew))),
  memoryOfThousand: judged(['memory.idle.prefork', 'memory.served.prefork'], (...sizes) => [
    byParts(...sizes.map(isFew)),
    `1000 processes of prefork take ${sizes.map((size) => quantity(size, 'GB')).join(', having served ')}`,
  ]),
  /** The comparison is with an event loop, which needs no process for a connection. */
  lessEfficient: judged(
    ['fourth-client.answered.prefork', 'fourth-client.answered.event-loop', 'memory.served.prefork'],
    (prefork, loop) => [
      graded(isLate(prefork) && !isLate(loop), false),
      'a client more takes one more child, and no process with an event loop; threads were not compared',
    ],
  ),
  /** A fork that takes ten times the processor time of one line, or more, counts as expensive. */
  creationCosts: judged(['fork.ms.prefork', 'round-trips.cpu.prefork', 'replace.ms'], (fork, line) => {
    const lines = (fork * 1000) / line;
    return [graded(lines >= 10, lines >= 1), `a fork is the processor’s work for ${number(Math.round(lines))} lines`];
  }),
  /** The comparison is with the event loop, which serves the same lines in one process. */
  switchingCosts: judged(
    ['switches.prefork', 'switches.event-loop', 'cpu.prefork', 'cpu.event-loop', 'rate'].map(
      (of) => `round-trips.${of}`,
    ),
    (switches, loopSwitches, cpu, loopCpu) => byParts(switches > loopSwitches, cpu > 1.1 * loopCpu),
  ),
  independence: unmeasured('how easy code is to understand is not a thing that a run shows'),
  noLocks: unmeasured('that code never needs a lock is not a thing that a run shows', 'who-accepts'),
  noRaces: unmeasured('that something never happens is not a thing that a run shows', 'listener'),
  /** Only the dead child's own client may lose its connection. */
  crashStaysAlone: judged(
    ['worker-dies.clients.prefork', 'worker-dies.lost.prefork', 'worker-dies-under-load.failed'],
    onDeath,
  ),
  /** The claim holds where nine tenths of the leaked memory are given back. */
  leakCleaned: judged(['leak.before.start', 'leak.leaked.start', 'leak.after.start'], (before, leaked, after) => {
    const back = (leaked - after) / (leaked - before);
    return leaked > before ? graded(back >= 0.9, back >= 0.5) : 'not measured';
  }),
  oneConnection: judged(['worker-dies.clients.prefork', 'worker-dies.lost.prefork'], onDeath),
  isolation: unmeasured('nothing here attacks a worker'),
  systemCalls: unmeasured('nothing here attacks a worker', 'listener'),
  yearsOfUse: unmeasured('no measurement shows years of use'),
  /** Other clients may lose no connection by a death, and wait up to three times the usual latency beside heavy work. */
  fewInteractions: judged(
    ['worker-dies.lost.prefork', 'burn.idle99.start', 'burn.slowest.start'],
    (lost, calm, slowest) => byParts(lost <= 1, slowest <= 3 * calm),
  ),
  /** Clients of the other children keep their connections when a child dies, and when the parent dies. */
  sturdy: judged(
    ['worker-dies.lost.prefork', 'parent-dies.connectionsKept.prefork', 'parent-dies.newOnesServed'],
    (lost, kept) => byParts(lost <= 1, kept > 0),
  ),
  /** The claim holds where other clients wait a tenth as long as with the event loop, or less. */
  suitsHeavyRequests: judged(['burn.slowest.start', 'burn.slowest.event-loop'], (slowest, loop) =>
    graded(slowest <= loop / 10, slowest < loop),
  ),
  efficientDevelopment: unmeasured('how fast people write code is not a thing that a run shows'),
  suitsMediumLoad: judged(['memory.served.prefork'], (served) => [
    graded(served * 5 <= ROOM, served / 2 <= ROOM),
    `children for 500 connections take ${quantity(served / 2, 'GB')}, for 5000 ${quantity(served * 5, 'GB')}; held against ${ROOM} GB`,
  ]),
  /** The claim holds where ten thousand children need more memory than a machine has. */
  unfitForMany: judged(
    ['fourth-client.answered.prefork', 'fourth-client.answered.event-loop', 'memory.served.prefork'],
    (prefork, loop, served) => [
      byParts(isLate(prefork) && !isLate(loop), served * 10 > ROOM),
      `10,000 children take ${quantity(served * 10, 'GB')}, held against ${ROOM} GB; Go was not compared`,
    ],
  ),
};

/** The claim holds where the fourth client of prefork waits. */
function onFourth(answered: number): Verdict {
  return graded(isLate(answered), false);
}

/** Whether a client had no answer. */
function isLate(answered: number): boolean {
  return answered === Number.POSITIVE_INFINITY;
}

function onDeath(clients: number, lost: number): Verdict {
  return graded(lost <= 1, lost < clients);
}

/** Whether a number is what the document calls several to several tens (suu means two to nine). */
function isFew(value: number): boolean {
  return value >= 2 && value <= 99;
}

function graded(holds: boolean, partly: boolean): Verdict {
  return holds ? 'holds' : partly ? 'partly' : 'does not hold';
}

/** How many parts of a sentence hold. */
function byParts(...parts: boolean[]): Verdict {
  return graded(parts.every(Boolean), parts.some(Boolean));
}
