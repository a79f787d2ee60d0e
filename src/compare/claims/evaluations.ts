import { number, quantity } from '../report/format.js';
import { MODELS, NAMES } from '../scenario.js';
import {
  type Evaluator,
  type Evidence,
  judged,
  type Reasoned,
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

/** By the names that the document's sentences have in claims.ts. */
export const EVALUATIONS: Readonly<Record<string, Evaluator>> = {
  workersAreTheLimit: judged(['fourth-client'], (of) => onFourth(of, othersOnFourth(of))),
  /** Each child serves one client, so the fourth of three children's clients waits, whatever the other models do. */
  fourthWaits: judged(['fourth-client'], (of) => onFourth(of)),
  /** The claim holds where the fourth client waits; what a further process costs is said beside it. */
  processEach: judged(['fourth-client', 'memory', 'fork'], (of) => {
    const costs = [of.text('memory', 'prefork', 'served'), of.text('fork', 'prefork', 'ms')];
    return onFourth(of, withLead('a further child costs', costs.filter(Boolean).join(' and ')));
  }),
  memoryOfOne: judged(['memory'], (of) => {
    const [idle, served] = of.medians('memory', 'prefork', 'idle', 'served');
    return [
      byParts(isSeveralToTens(idle), isSeveralToTens(served)),
      `one more child takes ${quantity(idle, 'MB')} idle and ${quantity(served, 'MB')} after it has served`,
      of.listed('memory', OTHERS, 'served'),
    ];
  }),
  memoryOfThousand: judged(['memory'], (of) => {
    const [idle, served] = of.medians('memory', 'prefork', 'idle', 'served');
    return [
      byParts(isSeveralToTens(idle), isSeveralToTens(served)),
      `1000 × ${quantity(idle, 'MB')} = ${quantity(idle, 'GB')}, and ${quantity(served, 'GB')} once all have served`,
    ];
  }),
  /** The comparison is with an event loop, which needs no process for a connection. */
  lessEfficient: judged(['memory', 'fourth-client'], (of) => {
    const [served] = of.medians('memory', 'prefork', 'served');
    const [fourth, loop] = [of.fourthClient('prefork'), of.fourthClient('event-loop')];
    const size = of.cell('memory', 'event-loop')?.points.at(-1)?.[1];
    const process = `one process${size === undefined ? '' : ` of ${quantity(size, 'MB')}`}`;
    return [
      fourth === null && loop !== null ? 'holds' : 'does not hold',
      `the fourth client of 3 children ${outcomeText(fourth)}`,
      `one child more takes ${quantity(served, 'MB')}`,
      `in the event loop’s ${process} the fourth client ${outcomeText(loop)}`,
      'threads were not compared',
    ];
  }),
  /** A fork that takes ten times the processor time of one line, or more, counts as expensive. */
  creationCosts: judged(['fork', 'round-trips', 'replace'], (of) => {
    const [[fork], [line]] = [of.medians('fork', 'prefork', 'ms'), of.medians('round-trips', 'prefork', 'cpu')];
    const lines = (fork * 1000) / line;
    return [
      graded(lines >= 10, lines >= 1),
      `a fork takes ${quantity(fork, 'ms')}, the processor’s work for ${number(Math.round(lines))} lines`,
      withLead('until a killed one is replaced', of.listed('replace', MODELS, 'ms')),
    ];
  }),
  /** The comparison is with the event loop, which serves the same lines in one process. */
  switchingCosts: judged(['round-trips', 'request-cost'], (of) => {
    const [switches, cpu] = of.medians('round-trips', 'prefork', 'switches', 'cpu');
    const [loopSwitches, loopCpu] = of.medians('round-trips', 'event-loop', 'switches', 'cpu');
    return [
      byParts(switches > loopSwitches, cpu > 1.1 * loopCpu),
      `${number(switches)} switches and ${quantity(cpu, 'µs')} of processor time a line; ` +
        `the event loop ${number(loopSwitches)} and ${quantity(loopCpu, 'µs')}`,
      withLead('lines a second', of.listed('round-trips', ['prefork', 'event-loop'], 'rate')),
    ];
  }),
  independence: unmeasured('how easy code is to understand is not a thing that a run shows'),
  noLocks: unmeasured('that code never needs a lock is not a thing that a run shows', 'who-accepts'),
  noRaces: unmeasured('that something never happens is not a thing that a run shows', 'listener'),
  /** Only the dead child's own client may lose its connection. */
  crashStaysAlone: judged(['worker-dies', 'worker-dies-under-load'], (of) => {
    const [clients, lost] = of.medians('worker-dies', 'prefork', 'clients', 'lost');
    const losses = OTHERS.map((model) => {
      const [all, broken] = [of.text('worker-dies', model, 'clients'), of.text('worker-dies', model, 'lost')];
      return all && broken && `${NAMES[model].name} ${broken} of ${all}`;
    });
    return [
      graded(lost <= 1, lost < clients),
      `of ${number(clients)} clients ${number(lost)} lost the connection`,
      ...losses,
      withLead('failed under load', of.listed('worker-dies-under-load', MODELS, 'failed')),
    ];
  }),
  /** The claim holds where nine tenths of the leaked memory are given back. */
  leakCleaned: judged(['leak'], (of) => {
    const [before, leaked, after] = of.medians('leak', 'start', 'before', 'leaked', 'after');
    const back = (leaked - after) / (leaked - before);
    return [
      leaked > before ? graded(back >= 0.9, back >= 0.5) : 'not measured',
      `prefork start took ${quantity(before, 'MB')} before, ${quantity(leaked, 'MB')} with the leak, ${quantity(after, 'MB')} after the exit`,
    ];
  }),
  oneConnection: judged(['worker-dies'], (of) => {
    const [clients, lost] = of.medians('worker-dies', 'prefork', 'clients', 'lost');
    return [
      graded(lost <= 1, lost < clients),
      `the dead child had ${number(lost)} of ${number(clients)} clients`,
      withLead('lost with the others', of.listed('worker-dies', OTHERS, 'lost')),
    ];
  }),
  isolation: unmeasured('nothing here attacks a worker'),
  systemCalls: unmeasured('nothing here attacks a worker', 'listener'),
  yearsOfUse: unmeasured('no measurement shows years of use'),
  /** Other clients may lose no connection by a death, and wait up to three times the usual latency beside heavy work. */
  fewInteractions: judged(['worker-dies', 'burn'], (of) => {
    const [clients, lost] = of.medians('worker-dies', 'prefork', 'clients', 'lost');
    const [calm, slowest] = of.medians('burn', 'start', 'idle99', 'slowest');
    return [
      byParts(lost <= 1, slowest <= 3 * calm),
      `a death cost ${number(lost)} of ${number(clients)} clients`,
      `beside a CPU-heavy request to prefork start the slowest other took ${quantity(slowest, 'ms')}; their p99 without it was ${quantity(calm, 'ms')}`,
    ];
  }),
  /** Clients of the other children keep their connections when a child dies, and when the parent dies. */
  sturdy: judged(['worker-dies', 'parent-dies'], (of) => {
    const [clients, lost] = of.medians('worker-dies', 'prefork', 'clients', 'lost');
    const [kept, served] = of.medians('parent-dies', 'prefork', 'connectionsKept', 'newOnesServed');
    return [
      byParts(lost <= 1, kept > 0),
      `a child’s death cost ${number(lost)} of ${number(clients)} clients`,
      `after the parent’s death ${number(kept)} connections were kept, and ${number(served)} new ones served`,
      withLead('the others kept', of.listed('parent-dies', OTHERS, 'connectionsKept')),
    ];
  }),
  /** The claim holds where other clients wait a tenth as long as with the event loop, or less. */
  suitsHeavyRequests: judged(['burn'], (of) => {
    const [[slowest], [loop]] = [of.medians('burn', 'start', 'slowest'), of.medians('burn', 'event-loop', 'slowest')];
    return [
      graded(slowest <= loop / 10, slowest < loop),
      `beside a CPU-heavy request the slowest other took: ${of.listed('burn', MODELS, 'slowest')}`,
    ];
  }),
  efficientDevelopment: unmeasured('how fast people write code is not a thing that a run shows'),
  suitsMediumLoad: judged(['memory'], (of) => {
    const [served] = of.medians('memory', 'prefork', 'served');
    return [
      graded(served * 5 <= ROOM, served / 2 <= ROOM),
      `children for 500 connections take ${quantity(served / 2, 'GB')}, for 5000 ${quantity(served * 5, 'GB')}; held against ${ROOM} GB`,
    ];
  }),
  /** The claim holds where ten thousand children need more memory than a machine has. */
  unfitForMany: judged(['memory', 'fourth-client'], (of) => {
    const [served] = of.medians('memory', 'prefork', 'served');
    const [fourth, loop] = [of.fourthClient('prefork'), of.fourthClient('event-loop')];
    return [
      byParts(fourth === null && loop !== null, served * 10 > ROOM),
      `10,000 children take ${quantity(served * 10, 'GB')}, held against ${ROOM} GB`,
      `the fourth client of 3 children ${outcomeText(fourth)}`,
      othersOnFourth(of),
      'Go was not compared',
    ];
  }),
};

/** The claim holds where the fourth client of prefork waits. */
function onFourth(of: Evidence, more = ''): Reasoned {
  const answer = of.fourthClient('prefork');
  return [answer === null ? 'holds' : 'does not hold', `the fourth client of 3 children ${outcomeText(answer)}`, more];
}

function outcomeText(answer: number | null): string {
  return answer === null ? 'had no answer while three stayed' : `was answered after ${quantity(answer, 'ms')}`;
}

function othersOnFourth(of: Evidence): string {
  return withLead('answered with an event loop in each process', of.listed('fourth-client', OTHERS, 'answered'));
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
