import { reached } from '../policy/worker-limits.js';
import type { Worker } from './crew.js';
import type { State } from './state.js';

/** Finds the workers that have reached one of their limits; the policy then has them replaced. */
export class Expiry {
  #turn = 0;

  look(state: State, now: number): void {
    const ready = [...state.workers].filter(({ phase, expired }) => phase === 'ready' && !expired);
    // One at a time: the kernel has to look at every page.
    const measured = ready[this.#turn++ % Math.max(1, ready.length)];
    for (const worker of ready) {
      const reason = reasonOf(state, worker, worker === measured, now);
      if (reason === undefined) continue;
      worker.expired = true;
      state.report({ type: 'warning', message: `to be replaced: ${reason}`, ...worker.who });
    }
  }
}

function reasonOf({ options, settings }: State, worker: Worker, measure: boolean, now: number): string | undefined {
  const { limits, pid, readyAt, record } = worker;
  if (limits === undefined || readyAt === undefined || pid === undefined) return undefined;
  const memory = measure && limits.memory > 0 ? options.memoryOf(pid)[settings.maxMemoryKind] : 0;
  return reached({ requests: record.requests, memory, lifetime: now - readyAt }, limits);
}
