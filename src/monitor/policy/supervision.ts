/** How many forks a zygote is told at once: the rest comes as these are done. */
const FORKS_AT_ONCE = 16;
/** How long a process may take to end once it is killed, in milliseconds: one with much memory does not go at once. */
export const LOST_AFTER_MS = 10_000;
/** How long a worker that is told to leave at once may take, in milliseconds. */
const QUICK_GRACE_MS = 2000;

export interface Limits {
  /** In milliseconds. */
  readonly bootTimeout: number;
  readonly spawnTimeout: number;
  readonly grace: number;
  /** 0 for none. */
  readonly stuckTimeout: number;
}

export interface WorkerFacts {
  readonly record: number;
  /** The order in which the workers were asked for: of two in a slot, the higher one is the successor. */
  readonly serial: number;
  readonly slot: number;
  readonly generation: number;
  /** forking: commanded, not heard of yet. */
  readonly phase: 'forking' | 'booting' | 'ready' | 'draining';
  /** When the phase began. All times are milliseconds of one monotonic clock. */
  readonly since: number;
  /** When its event loop was last seen to turn. */
  readonly heartbeat: number;
  /** It reached one of its limits: its successor comes first, then it leaves. */
  readonly expired: boolean;
  /** It was sent SIGKILL, or is to be sent it as soon as that is possible. */
  readonly killed: boolean;
  /** That did not end it: the kernel holds it, or the monitor may not signal it. Nothing waits for it any more. */
  readonly lost: boolean;
  /** It may still take new clients: it has not said that it stopped. */
  readonly accepting: boolean;
}

export interface ZygoteFacts {
  readonly generation: number;
  /** ending: not needed any more. failed: it is being killed; another one follows when that is done. */
  readonly phase: 'loading' | 'loaded' | 'ending' | 'failed';
  readonly since: number;
}

/** All that decisions are made from. */
export interface Facts {
  /** How many workers there are to be. */
  readonly target: number;
  readonly limits: Limits;
  readonly workers: readonly WorkerFacts[];
  readonly zygotes: readonly ZygoteFacts[];
  /** How many workers there may be at a time, with those that drain: each has a record on the scoreboard. */
  readonly records: number;
  /** By slot: no worker is forked there before then. */
  readonly forkNotBefore: readonly number[];
  /** No worker is forked in any slot before then. */
  readonly crashNotBefore: number;
  /** By slot: an expired worker there has no successor before then. */
  readonly renewNotBefore: readonly number[];
  readonly loadNotBefore: number;
  /** The oldest generation whose workers may serve on; a reload raises it once the new app is loaded. */
  readonly oldest: number;
  /** The generation that a reload loads. */
  readonly reload: number | undefined;
  /** The generation of a reload that cannot fail any more: it takes over from all before it. */
  readonly cutoverGeneration: number | undefined;
  readonly stopping: { readonly quick: boolean; readonly since: number } | undefined;
  /** The listeners refuse new clients. */
  readonly refusing: boolean;
}

export type Action =
  | { readonly type: 'load' }
  | { readonly type: 'fork'; readonly slot: number; readonly generation: number }
  | { readonly type: 'retire'; readonly record: number; readonly quick: boolean; readonly reason: string }
  | { readonly type: 'kill'; readonly record: number; readonly reason: string }
  | { readonly type: 'end zygote'; readonly generation: number; readonly reason?: string }
  /** The reload cannot fail any more: the old workers leave. */
  | { readonly type: 'cut over' }
  | { readonly type: 'reloaded' }
  /** Refuse new clients, as no process would accept them. */
  | { readonly type: 'refuse' }
  | { readonly type: 'stopped' };

/** What to do now. Pure: the same facts at the same time give the same actions; done, they are not asked for again. */
export function decide(facts: Facts, now: number): Action[] {
  const overdue = [...overdueWorkers(facts, now), ...overdueZygotes(facts, now)];
  if (facts.stopping) return [...overdue, ...stop(facts, facts.stopping, now)];
  return [...overdue, ...zygotes(facts, now), ...forks(facts, now), ...retirements(facts), ...reloadSteps(facts)];
}

/** The facts by which isCalm() tells. */
type Calmness = Pick<Facts, 'target' | 'reload' | 'cutoverGeneration' | 'stopping'> & {
  readonly workers: readonly Pick<WorkerFacts, 'phase'>[];
};

/** Whether all is as it should be, and nothing under way. */
export function isCalm({ target, workers, reload, cutoverGeneration, stopping }: Calmness): boolean {
  const allReady = workers.length === target && workers.every(({ phase }) => phase === 'ready');
  return allReady && reload === undefined && cutoverGeneration === undefined && stopping === undefined;
}

function overdueWorkers({ workers, limits, stopping }: Facts, now: number): Action[] {
  const grace = stopping?.quick ? QUICK_GRACE_MS : limits.grace;
  return workers.flatMap(({ record, phase, since, heartbeat, killed }): Action[] => {
    if (killed) return [];
    const kill = (reason: string): Action[] => [{ type: 'kill', record, reason }];
    if (phase === 'draining') return now - since >= grace ? kill(`it did not leave within ${grace / 1000} s`) : [];
    if (phase === 'ready') {
      const stuck = limits.stuckTimeout > 0 && now - heartbeat >= limits.stuckTimeout;
      return stuck ? kill(`its event loop has not turned for ${limits.stuckTimeout / 1000} s`) : [];
    }
    return now - since >= limits.bootTimeout ? kill(`it was not ready within ${limits.bootTimeout / 1000} s`) : [];
  });
}

/** A zygote says itself that it is late; one that cannot even do that is ended. */
function overdueZygotes({ zygotes, limits }: Facts, now: number): Action[] {
  const late = zygotes.filter(({ phase, since }) => phase === 'loading' && now - since >= limits.spawnTimeout + 1000);
  const reason = `the app was not loaded within ${limits.spawnTimeout / 1000} s, and its event loop does not turn`;
  return late.map(({ generation }) => ({ type: 'end zygote', generation, reason }));
}

function stop({ workers, zygotes, refusing }: Facts, { quick }: { quick: boolean }, now: number): Action[] {
  const serving = workers.filter(({ phase }) => phase !== 'draining' && phase !== 'forking');
  const reason = 'the service ends';
  const retire = serving.map(({ record }): Action => ({ type: 'retire', record, quick, reason }));
  const end = zygotes
    .filter(({ phase }) => phase !== 'ending')
    .map(({ generation }): Action => ({ type: 'end zygote', generation }));
  const refuse: Action[] = refusing || workers.some(({ accepting }) => accepting) ? [] : [{ type: 'refuse' }];
  const isLost = (zygote: ZygoteFacts) => zygote.phase === 'ending' && now - zygote.since >= LOST_AFTER_MS;
  if (workers.every(({ lost }) => lost) && zygotes.every(isLost)) return [...refuse, { type: 'stopped' }];
  return [...retire, ...end, ...refuse];
}

/** There is always one to fork from: the newest that is loaded; older ones end. */
function zygotes({ zygotes, reload, loadNotBefore }: Facts, now: number): Action[] {
  const living = zygotes.filter(({ phase }) => phase !== 'ending');
  const newest = newestLoaded(living);
  const old = living.filter(({ generation, phase }) => {
    return newest !== undefined && generation < newest.generation && phase !== 'failed';
  });
  // While a reload may still fail, the zygote that serves stays.
  const end = reload !== undefined ? [] : old.map(({ generation }): Action => ({ type: 'end zygote', generation }));
  const missing =
    living.length === 0 || (reload !== undefined && living.every(({ generation }) => generation < reload));
  return missing && now >= loadNotBefore ? [...end, { type: 'load' }] : end;
}

function forks(facts: Facts, now: number): Action[] {
  const { workers, zygotes, oldest, records } = facts;
  const zygote = newestLoaded(zygotes);
  if (zygote === undefined || zygote.generation < oldest) return [];
  const underWay = workers.filter(({ phase }) => phase === 'forking').length;
  const wanted = slotsToFill(facts, now).slice(0, Math.max(0, FORKS_AT_ONCE - underWay));
  const free = Math.max(0, records - workers.length);
  const fork = wanted.slice(0, free).map((slot): Action => ({ type: 'fork', slot, generation: zygote.generation }));
  return [...fork, ...releaseRecords(facts, wanted.length - fork.length)];
}

/** The slots that are to have another worker now, the most urgent ones first. None ever has more than two that serve. */
function slotsToFill(facts: Facts, now: number): number[] {
  const { target, workers, oldest, forkNotBefore, crashNotBefore, renewNotBefore } = facts;
  if (now < crashNotBefore) return [];
  const bySlot = bySlotOf(workers);
  const bare: number[] = [];
  const outdated: number[] = [];
  const expired: number[] = [];
  for (const slot of slots(target)) {
    const [worker, ...others] = (bySlot[slot] ?? []).filter(({ phase, lost }) => phase !== 'draining' && !lost);
    if (others.length > 0 || now < (forkNotBefore[slot] ?? 0)) continue;
    if (worker === undefined) bare.push(slot);
    else if (worker.generation < oldest) outdated.push(slot);
    else if (worker.expired && now >= (renewNotBefore[slot] ?? 0)) expired.push(slot);
  }
  // An expired worker still serves: of those, one at a time is replaced, and none while a generation takes over.
  const isBusy = workers.some((worker) => worker.generation < oldest && worker.phase !== 'draining');
  const renewals = isBusy || bySlot.some(isRenewing) ? [] : expired.slice(0, 1);
  return [...bare, ...outdated, ...renewals];
}

/** Some expired worker of a slot has its successor under way, or is leaving for it. */
function isRenewing(workers: readonly WorkerFacts[]): boolean {
  return workers.some(({ expired, serial }) => {
    return expired && workers.some((other) => other.serial > serial && other.phase !== 'draining');
  });
}

/** Ends workers that drain, the one that has had the longest time first, until there is room for `count` others. */
function releaseRecords({ workers }: Facts, count: number): Action[] {
  const dying = workers.filter(({ killed }) => killed).length;
  const draining = workers.filter(({ phase, killed }) => phase === 'draining' && !killed);
  const reason = 'no record on the scoreboard is free for a new worker, and of those that leave it is the oldest';
  return draining
    .sort((a, b) => a.since - b.since)
    .slice(0, Math.max(0, count - dying))
    .map(({ record }) => ({ type: 'kill', record, reason }));
}

function retirements({ target, workers, oldest }: Facts): Action[] {
  const ready = bySlotOf(workers.filter(({ phase, killed }) => phase === 'ready' && !killed));
  const hasTakenOver = slots(target).every((slot) => ready[slot]?.some(({ generation }) => generation >= oldest));
  return workers.flatMap(({ record, serial, slot, generation, phase, expired }): Action[] => {
    if (phase === 'draining' || phase === 'forking') return [];
    const retire = (reason: string): Action[] => [{ type: 'retire', record, quick: false, reason }];
    if (slot >= target) return retire('the target was lowered');
    if (generation < oldest && hasTakenOver) return retire('a newer generation is ready');
    // Whatever limit the successor has reached itself by now: it serves.
    const isReplaced = expired && ready[slot]?.some((other) => other.serial > serial);
    return isReplaced ? retire('its successor is ready') : [];
  });
}

/** It can fail until every slot has a new worker, and is done when no old one takes clients any more. */
function reloadSteps({ target, workers, oldest, reload, cutoverGeneration }: Facts): Action[] {
  if (cutoverGeneration !== undefined) {
    return workers.some(({ generation, accepting }) => generation < cutoverGeneration && accepting)
      ? []
      : [{ type: 'reloaded' }];
  }
  if (reload === undefined || oldest < reload) return [];
  const ready = workers.filter(({ generation, phase, killed }) => generation >= reload && phase === 'ready' && !killed);
  const filled = new Set(ready.map(({ slot }) => slot));
  return slots(target).every((slot) => filled.has(slot)) ? [{ type: 'cut over' }] : [];
}

function bySlotOf(workers: readonly WorkerFacts[]): WorkerFacts[][] {
  const bySlot: WorkerFacts[][] = [];
  for (const worker of workers) {
    bySlot[worker.slot] ??= [];
    bySlot[worker.slot]?.push(worker);
  }
  return bySlot;
}

function newestLoaded(zygotes: readonly ZygoteFacts[]): ZygoteFacts | undefined {
  return zygotes.filter(({ phase }) => phase === 'loaded').sort((a, b) => b.generation - a.generation)[0];
}

function slots(target: number): number[] {
  return Array.from({ length: target }, (_, slot) => slot);
}
