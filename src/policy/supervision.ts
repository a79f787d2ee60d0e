/** So many workers in a row that die at boot in one slot, or loads that fail, with none that serves: the service ends. */
export const EARLY_ENDS = 5;
/** How many forks a zygote is told at once: the rest comes as these are done. */
const FORKS_AT_ONCE = 16;
/** How long a worker that is told to leave at once may take, in milliseconds. */
const QUICK_GRACE = 2000;

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
  /** It was sent SIGKILL. */
  readonly killed: boolean;
  /** It may still take new clients: it has not said that it stopped. */
  readonly accepting: boolean;
}

export interface ZygoteFacts {
  readonly generation: number;
  readonly phase: 'loading' | 'loaded' | 'ending';
  readonly since: number;
}

/** All that decisions are made from. */
export interface Facts {
  /** How many workers there are to be. */
  readonly target: number;
  readonly limits: Limits;
  readonly workers: readonly WorkerFacts[];
  readonly zygotes: readonly ZygoteFacts[];
  /** By slot: not before then is a worker forked there. */
  readonly forkNotBefore: readonly number[];
  readonly loadNotBefore: number;
  /** The oldest generation whose workers may serve on; a reload raises it once the new app is loaded. */
  readonly oldest: number;
  /** The generation that a reload loads. */
  readonly reload: number | undefined;
  /** The generation that takes over from all before it. */
  readonly taking: number | undefined;
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
  | { readonly type: 'take over' }
  | { readonly type: 'reloaded' }
  /** Refuse new clients, who would wait for nobody. */
  | { readonly type: 'refuse' }
  | { readonly type: 'stopped' };

/** What to do now. Pure: the same facts at the same time give the same actions; done, they are not asked for again. */
export function decide(facts: Facts, now: number): Action[] {
  const overdue = [...overdueWorkers(facts, now), ...overdueZygotes(facts, now)];
  if (facts.stopping) return [...overdue, ...stop(facts, facts.stopping)];
  return [...overdue, ...zygotes(facts, now), ...forks(facts, now), ...retirements(facts), ...reloadSteps(facts)];
}

/** Whether all is as it should be, and nothing under way. */
export function isCalm({ target, workers, reload, taking, stopping }: Facts): boolean {
  const allReady = workers.length === target && workers.every(({ phase }) => phase === 'ready');
  return allReady && reload === undefined && taking === undefined && stopping === undefined;
}

function overdueWorkers({ workers, limits, stopping }: Facts, now: number): Action[] {
  const grace = stopping?.quick ? QUICK_GRACE : limits.grace;
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

function stop({ workers, zygotes, refusing }: Facts, { quick }: { quick: boolean }): Action[] {
  const serving = workers.filter(({ phase }) => phase !== 'draining' && phase !== 'forking');
  const reason = 'the service ends';
  const retire = serving.map(({ record }): Action => ({ type: 'retire', record, quick, reason }));
  const end = zygotes
    .filter(({ phase }) => phase !== 'ending')
    .map(({ generation }): Action => ({ type: 'end zygote', generation }));
  const refuse: Action[] = refusing || workers.some(({ accepting }) => accepting) ? [] : [{ type: 'refuse' }];
  if (workers.length + zygotes.length === 0) return [...refuse, { type: 'stopped' }];
  return [...retire, ...end, ...refuse];
}

/** There is always one to fork from: the newest that is loaded; older ones end. */
function zygotes({ zygotes, reload, loadNotBefore }: Facts, now: number): Action[] {
  const living = zygotes.filter(({ phase }) => phase !== 'ending');
  const newest = newestLoaded(living);
  const old = living.filter(({ generation }) => newest !== undefined && generation < newest.generation);
  // While a reload may still fail, the zygote that serves stays.
  const end = reload !== undefined ? [] : old.map(({ generation }): Action => ({ type: 'end zygote', generation }));
  const missing =
    living.length === 0 || (reload !== undefined && living.every(({ generation }) => generation < reload));
  return missing && now >= loadNotBefore ? [...end, { type: 'load' }] : end;
}

function forks({ target, workers, zygotes, forkNotBefore, oldest }: Facts, now: number): Action[] {
  const zygote = newestLoaded(zygotes);
  if (zygote === undefined || zygote.generation < oldest) return [];
  const underWay = workers.filter(({ phase }) => phase === 'forking').length;
  const empty = slots(target).filter((slot) => {
    return (
      now >= (forkNotBefore[slot] ?? 0) && !workers.some((worker) => worker.slot === slot && isWanted(worker, oldest))
    );
  });
  // An expired worker still serves: of those, one at a time is replaced.
  const bare = empty.filter((slot) => !workers.some((worker) => worker.slot === slot && worker.phase !== 'draining'));
  const served = empty.filter((slot) => !bare.includes(slot));
  const renewing = isRenewing(workers, oldest);
  const outdated = served.filter((slot) => workers.some((w) => w.slot === slot && w.generation < oldest));
  const next = outdated.length > 0 ? outdated : renewing ? [] : served.slice(0, 1);
  return [...bare, ...next]
    .slice(0, Math.max(0, FORKS_AT_ONCE - underWay))
    .map((slot) => ({ type: 'fork', slot, generation: zygote.generation }));
}

function retirements({ target, workers, oldest }: Facts): Action[] {
  const isReady = (slot: number) =>
    workers.some((worker) => worker.slot === slot && worker.phase === 'ready' && isWanted(worker, oldest));
  const allReady = slots(target).every(isReady);
  return workers.flatMap(({ record, slot, generation, phase, expired }): Action[] => {
    if (phase === 'draining' || phase === 'forking') return [];
    const retire = (reason: string): Action[] => [{ type: 'retire', record, quick: false, reason }];
    if (slot >= target) return retire('fewer workers are wanted');
    if (generation < oldest && allReady) return retire('a newer generation is ready');
    return expired && isReady(slot) ? retire('its successor is ready') : [];
  });
}

/** It can fail until every slot has a new worker, and is done when no old one takes clients any more. */
function reloadSteps({ target, workers, oldest, reload, taking }: Facts): Action[] {
  if (taking !== undefined) {
    return workers.some(({ generation, accepting }) => generation < taking && accepting) ? [] : [{ type: 'reloaded' }];
  }
  if (reload === undefined || oldest < reload) return [];
  const ready = workers.filter(({ generation, phase }) => generation >= reload && phase === 'ready');
  return slots(target).every((slot) => ready.some((worker) => worker.slot === slot)) ? [{ type: 'take over' }] : [];
}

function isWanted({ generation, phase, expired }: WorkerFacts, oldest: number): boolean {
  return generation >= oldest && phase !== 'draining' && !expired;
}

/** Some expired worker has its successor under way, or is leaving for it. */
function isRenewing(workers: readonly WorkerFacts[], oldest: number): boolean {
  return workers.some(({ slot, expired }) => {
    return expired && workers.some((worker) => worker.slot === slot && isWanted(worker, oldest));
  });
}

function newestLoaded(zygotes: readonly ZygoteFacts[]): ZygoteFacts | undefined {
  return zygotes.filter(({ phase }) => phase === 'loaded').sort((a, b) => b.generation - a.generation)[0];
}

function slots(target: number): number[] {
  return Array.from({ length: target }, (_, slot) => slot);
}
