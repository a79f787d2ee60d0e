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
  type Verdict,
} from './evidence.js';

// The claims are evaluated for the document's server, which is the model prefork, and for prefork start where that speaks
// no http; how the others did is said beside it. The limits that turn a verdict are stated where they are, for a reader to disagree with.

const OTHERS = MODELS.filter((model) => model !== 'prefork');
/** Japanese says suu, several: two to nine. */
const SEVERAL = { least: 2, tensMost: 99 };
/** GB of a machine's memory that a service of medium size has. */
const ROOM = 32;

const MEMORY = { idle: ['memory', 'idle', 'prefork'], served: ['memory', 'served', 'prefork'] } as const;
const FORK = ['fork', 'ms', 'prefork'] as const;

/** What no run shows, with what was seen nearby. */
export function unmeasured(why: string, row?: string): Evaluator {
  return (comparison) => {
    const seen = row === undefined ? null : cellOf(comparison, row, 'prefork')?.seen;
    return { verdict: 'not measured', because: joined(why, seen ? `seen: ${seen}` : '') };
  };
}

/** One child for each client: the fourth of three waits, whatever the others do. */
export const fourthWaits: Evaluator = (comparison) => onFourth(comparison);

export const workersAreTheLimit: Evaluator = (comparison) => onFourth(comparison, outcomeTexts(comparison));

/** Many connections need as many processes, made before. */
export const processEach: Evaluator = (comparison) => {
  const [memory, time] = [medianOf(comparison, MEMORY.served), medianOf(comparison, FORK)];
  const costs = [
    memory === undefined ? [] : quantity(memory, 'MB'),
    time === undefined ? [] : quantity(time, 'ms'),
  ].flat();
  return onFourth(comparison, withLead('a further child costs', costs.join(' and ')));
};

function onFourth(comparison: Comparison, more = ''): Evaluation {
  const answer = answered(comparison, 'prefork');
  if (answer === undefined) return unknownFourth(comparison);
  const verdict = answer === null ? 'holds' : 'does not hold';
  return { verdict, because: joined(`the fourth client of 3 children ${outcomeText(answer)}`, more) };
}

export const memoryOfOne = measured(MEMORY, ({ idle, served }, comparison) => ({
  verdict: byCount([idle, served].filter(isSeveralToTens).length, 2),
  because: joined(
    `one more child takes ${quantity(idle, 'MB')} idle and ${quantity(served, 'MB')} after it has served`,
    listed(comparison, 'memory', 'served', OTHERS),
  ),
}));

export const memoryOfThousand = measured(MEMORY, ({ idle, served }) => ({
  verdict: byCount([idle, served].filter(isSeveralToTens).length, 2),
  because: `1000 × ${quantity(idle, 'MB')} = ${quantity(idle, 'GB')}, and ${quantity(served, 'GB')} once all have served`,
}));

/** Than an event loop, for which a connection is no process. */
export const lessEfficient = measured({ served: MEMORY.served }, ({ served }, comparison) =>
  byFourth(comparison, (fourth, loop) => ({
    verdict: fourth === null && loop !== null ? 'holds' : 'does not hold',
    because: joined(
      `the fourth client of 3 children ${outcomeText(fourth)}`,
      `one child more takes ${quantity(served, 'MB')}`,
      `in the event loop’s one process${sizeOfLoop(comparison)} the fourth client ${outcomeText(loop)}`,
      'threads were not compared',
    ),
  })),
);

/** Against the work of one line: what is ten times as much is considerable. */
export const creationCosts = measured(
  { fork: FORK, line: ['round-trips', 'cpu', 'prefork'] },
  ({ fork, line }, comparison) => {
    const lines = (fork * 1000) / line;
    return {
      verdict: lines >= 10 ? 'holds' : lines >= 1 ? 'partly' : 'does not hold',
      because: joined(
        `a fork takes ${quantity(fork, 'ms')}, the processor’s work for ${number(Math.round(lines))} lines`,
        withLead('until a killed one is replaced', listed(comparison, 'replace', 'ms', MODELS)),
      ),
    };
  },
);

/** Against the event loop, which serves the same lines in one process. */
export const switchingCosts = measured(
  {
    switches: ['round-trips', 'switches', 'prefork'],
    cpu: ['round-trips', 'cpu', 'prefork'],
    loopSwitches: ['round-trips', 'switches', 'event-loop'],
    loopCpu: ['round-trips', 'cpu', 'event-loop'],
  },
  ({ switches, cpu, loopSwitches, loopCpu }, comparison) => ({
    verdict: byCount(Number(switches > loopSwitches) + Number(cpu > 1.1 * loopCpu), 2),
    because: joined(
      `${number(switches)} switches and ${quantity(cpu, 'µs')} of processor time a line; ` +
        `the event loop ${number(loopSwitches)} and ${quantity(loopCpu, 'µs')}`,
      withLead('lines a second', listed(comparison, 'round-trips', 'rate', ['prefork', 'event-loop'])),
    ),
  }),
);

const DEATH = { clients: ['worker-dies', 'clients', 'prefork'], lost: ['worker-dies', 'lost', 'prefork'] } as const;

/** Its own client alone may notice. */
export const crashStaysAlone = measured(DEATH, ({ clients, lost }, comparison) => ({
  verdict: lostVerdict(lost, clients),
  because: joined(
    `of ${number(clients)} clients ${number(lost)} lost the connection`,
    ...OTHERS.map((model) => losses(comparison, model)),
    withLead('failed under load', listed(comparison, 'worker-dies-under-load', 'failed', MODELS)),
  ),
}));

export const oneConnection = measured(DEATH, ({ clients, lost }, comparison) => ({
  verdict: lostVerdict(lost, clients),
  because: joined(
    `the dead child had ${number(lost)} of ${number(clients)} clients`,
    withLead('lost with the others', listed(comparison, 'worker-dies', 'lost', OTHERS)),
  ),
}));

/** Nine tenths of what had leaked must be back. */
export const leakCleaned = measured(
  {
    before: ['leak', 'before', 'start'],
    leaked: ['leak', 'leaked', 'start'],
    after: ['leak', 'after', 'start'],
  },
  ({ before, leaked, after }) => {
    const back = (leaked - after) / (leaked - before);
    const known = back >= 0.9 ? 'holds' : back >= 0.5 ? 'partly' : 'does not hold';
    return {
      verdict: leaked > before ? known : 'not measured',
      because: `prefork start took ${quantity(before, 'MB')} before, ${quantity(leaked, 'MB')} with the leak, ${quantity(after, 'MB')} after the exit`,
    };
  },
);

const BURN = {
  calm: ['burn', 'idle99', 'start'],
  burning: ['burn', 'slowest', 'start'],
} as const;

/** A death and a burning processor are not to be felt by other clients: three times the calm latency is let pass. */
export const fewInteractions = measured({ ...DEATH, ...BURN }, ({ clients, lost, calm, burning }) => ({
  verdict: byCount(Number(lost <= 1) + Number(burning <= 3 * calm), 2),
  because: joined(
    `a death cost ${number(lost)} of ${number(clients)} clients`,
    `beside a CPU-heavy request to prefork start the slowest other took ${quantity(burning, 'ms')}; their p99 without it was ${quantity(calm, 'ms')}`,
  ),
}));

/** A child dies, the parent dies: the others keep their connections. */
export const sturdy = measured(
  {
    ...DEATH,
    kept: ['parent-dies', 'connectionsKept', 'prefork'],
    served: ['parent-dies', 'newOnesServed', 'prefork'],
  },
  ({ clients, lost, kept, served }, comparison) => ({
    verdict: byCount(Number(lost <= 1) + Number(kept > 0), 2),
    because: joined(
      `a child’s death cost ${number(lost)} of ${number(clients)} clients`,
      `after the parent’s death ${number(kept)} connections were kept, and ${number(served)} new ones served`,
      withLead('the others kept', listed(comparison, 'parent-dies', 'connectionsKept', OTHERS)),
    ),
  }),
);

/** A tenth of what the event loop makes others wait. */
export const suitsHeavyRequests = measured(
  { ...BURN, loop: ['burn', 'slowest', 'event-loop'] },
  ({ burning, loop }, comparison) => ({
    verdict: burning <= loop / 10 ? 'holds' : burning < loop ? 'partly' : 'does not hold',
    because: `beside a CPU-heavy request the slowest other took: ${listed(comparison, 'burn', 'slowest', MODELS)}`,
  }),
);

export const suitsMediumLoad = measured({ served: MEMORY.served }, ({ served }) => ({
  verdict: served * 5 <= ROOM ? 'holds' : served / 2 <= ROOM ? 'partly' : 'does not hold',
  because: `children for 500 connections take ${quantity(served / 2, 'GB')}, for 5000 ${quantity(served * 5, 'GB')}; held against ${ROOM} GB`,
}));

/** Ten thousand children would not fit. */
export const unfitForMany = measured({ served: MEMORY.served }, ({ served }, comparison) =>
  byFourth(comparison, (fourth, loop) => ({
    verdict: byCount(Number(fourth === null && loop !== null) + Number(served * 10 > ROOM), 2),
    because: joined(
      `10,000 children take ${quantity(served * 10, 'GB')}, held against ${ROOM} GB`,
      `the fourth client of 3 children ${outcomeText(fourth)}`,
      outcomeTexts(comparison),
      'Go was not compared',
    ),
  })),
);

/** By how the fourth client of prefork and that of the event loop fared. */
function byFourth(
  comparison: Comparison,
  evaluate: (fourth: number | null, loop: number | null) => Evaluation,
): Evaluation {
  const [fourth, loop] = [answered(comparison, 'prefork'), answered(comparison, 'event-loop')];
  if (fourth === undefined) return unknownFourth(comparison);
  return loop === undefined ? unknownFourth(comparison, 'event-loop') : evaluate(fourth, loop);
}

/** Milliseconds, null when there was no answer, undefined when it was not measured. */
function answered(comparison: Comparison, model: Model): number | null | undefined {
  const cell = cellOf(comparison, 'fourth-client', model);
  if (cell === undefined || cell.missing !== null) return undefined;
  return medianOf(comparison, ['fourth-client', 'answered', model]) ?? null;
}

/** ' of 62 MB': where its memory was read. */
function sizeOfLoop(comparison: Comparison): string {
  const size = cellOf(comparison, 'memory', 'event-loop')?.points.at(-1)?.[1];
  return size === undefined ? '' : ` of ${quantity(size, 'MB')}`;
}

function unknownFourth(comparison: Comparison, model: Model = 'prefork'): Evaluation {
  return { verdict: 'not measured', because: absence(comparison, ['fourth-client', 'answered', model]) };
}

function outcomeText(answer: number | null): string {
  return answer === null ? 'had no answer while three stayed' : `was answered after ${quantity(answer, 'ms')}`;
}

function outcomeTexts(comparison: Comparison): string {
  return withLead(
    'answered with an event loop in each process',
    listed(comparison, 'fourth-client', 'answered', OTHERS),
  );
}

function losses(comparison: Comparison, model: Model): string {
  const [clients, lost] = ['clients', 'lost'].map((figure) => medianOf(comparison, ['worker-dies', figure, model]));
  return clients === undefined || lost === undefined
    ? ''
    : `${NAMES[model].name} ${number(lost)} of ${number(clients)}`;
}

function lostVerdict(lost: number, clients: number): Verdict {
  return lost <= 1 ? 'holds' : lost < clients ? 'partly' : 'does not hold';
}

function isSeveralToTens(value: number): boolean {
  return value >= SEVERAL.least && value <= SEVERAL.tensMost;
}

/** How many of so many parts hold. */
function byCount(holding: number, parts: number): Verdict {
  return holding === parts ? 'holds' : holding > 0 ? 'partly' : 'does not hold';
}

function withLead(lead: string, text: string): string {
  return text === '' ? '' : `${lead}: ${text}`;
}
