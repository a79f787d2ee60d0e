import {
  type Action,
  decide,
  type Facts,
  type WorkerFacts,
  type ZygoteFacts,
} from '../../../../src/monitor/policy/supervision.js';

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const LIMITS = { bootTimeout: 1000, spawnTimeout: 1000, grace: 1000, stuckTimeout: 1000 };

/** A service without processes: actions take effect at once, and the test says when things go on. */
export class FakeService {
  now = 1000;
  readonly workers: Writable<WorkerFacts>[] = [];
  readonly zygotes: Writable<ZygoteFacts>[] = [];
  readonly log: Action[] = [];
  generation = 0;
  target: number;
  oldest = 1;
  reload: number | undefined;
  cutoverGeneration: number | undefined;
  stopping: Facts['stopping'];
  refusing = false;
  records = 1024;
  /** Workers that drain have clients that never leave. */
  stay = false;
  readonly renewNotBefore: number[] = [];
  #records = 0;

  constructor(target: number) {
    this.target = target;
  }

  act(): Action[] {
    const actions = decide(this.facts(), this.now);
    for (const action of actions) this.#apply(action);
    this.log.push(...actions);
    return actions;
  }

  /** Acts until nothing is left to do, with every process doing at once what it is to do. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      const actions = this.act();
      if (actions.length === 0 && !this.step()) return;
      if (actions.some(({ type }) => type === 'stopped')) return;
    }
    throw new Error('it never settles');
  }

  /** One process goes on by one phase. @returns false when all are where they stay */
  step(pick = 0): boolean {
    const steps: (() => void)[] = [];
    for (const zygote of this.zygotes) {
      if (zygote.phase === 'loading') steps.push(() => this.#loaded(zygote));
      if (zygote.phase === 'ending') steps.push(() => remove(this.zygotes, zygote));
    }
    for (const worker of this.workers) {
      if (worker.phase === 'forking') steps.push(() => this.#enter(worker, 'booting'));
      if (worker.phase === 'booting') steps.push(() => this.#enter(worker, 'ready'));
      if (worker.killed) steps.push(() => remove(this.workers, worker));
      else if (worker.phase === 'draining' && (worker.accepting || !this.stay)) steps.push(() => this.#leave(worker));
    }
    steps[pick % Math.max(1, steps.length)]?.();
    return steps.length > 0;
  }

  ready(): Writable<WorkerFacts>[] {
    return this.workers.filter(({ phase, killed }) => phase === 'ready' && !killed);
  }

  startReload(): void {
    this.reload = this.generation + 1;
  }

  facts(): Facts {
    const { target, workers, zygotes, oldest, reload, cutoverGeneration, stopping, refusing } = this;
    for (const worker of workers) if (worker.heartbeat !== 0) worker.heartbeat = this.now;
    const { records, renewNotBefore } = this;
    const processes = { target, limits: LIMITS, workers, zygotes, records };
    const times = { forkNotBefore: [], crashNotBefore: 0, renewNotBefore, loadNotBefore: 0 };
    return { ...processes, ...times, oldest, reload, cutoverGeneration, stopping, refusing };
  }

  #apply(action: Action): void {
    switch (action.type) {
      case 'load':
        this.zygotes.push({ generation: ++this.generation, phase: 'loading', since: this.now });
        return;
      case 'fork':
        this.workers.push({
          record: this.#records,
          serial: this.#records++,
          slot: action.slot,
          generation: action.generation,
          phase: 'forking',
          since: this.now,
          heartbeat: this.now,
          expired: false,
          killed: false,
          lost: false,
          accepting: true,
        });
        return;
      case 'retire':
        this.#enter(this.#worker(action.record), 'draining');
        return;
      case 'kill':
        this.#worker(action.record).killed = true;
        return;
      case 'end zygote':
        for (const zygote of this.zygotes) if (zygote.generation === action.generation) zygote.phase = 'ending';
        return;
      case 'cut over':
        this.cutoverGeneration = this.reload;
        this.reload = undefined;
        return;
      case 'reloaded':
        this.cutoverGeneration = undefined;
        return;
      case 'refuse':
        this.refusing = true;
    }
  }

  #loaded(zygote: Writable<ZygoteFacts>): void {
    zygote.phase = 'loaded';
    if (zygote.generation === this.reload) this.oldest = zygote.generation;
  }

  /** First it says that it accepts no more. */
  #leave(worker: Writable<WorkerFacts>): void {
    if (worker.accepting) worker.accepting = false;
    else remove(this.workers, worker);
  }

  #enter(worker: Writable<WorkerFacts>, phase: WorkerFacts['phase']): void {
    worker.phase = phase;
    worker.since = this.now;
  }

  #worker(record: number): Writable<WorkerFacts> {
    const worker = this.workers.find((each) => each.record === record);
    if (worker === undefined) throw new Error(`an action for worker ${record}, which is not there`);
    return worker;
  }
}

export function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

export function slotsOf(workers: readonly WorkerFacts[]): number[] {
  return workers.map(({ slot }) => slot).sort((a, b) => a - b);
}

export function running(target: number): FakeService {
  const service = new FakeService(target);
  service.settle();
  return service;
}
