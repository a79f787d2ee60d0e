import { callerPlace } from '../../util/call-site.js';
import { type Hook, registry, type WarmUpAsk, type WorkerIdentity } from './registry.js';

export type { WarmUpAsk, WarmUpRequest, WarmUpResponse, WorkerIdentity } from './registry.js';

/**
 * Who this worker is; null outside of one: in the process that loads the app, and under plain node. A live binding:
 * from CommonJS, read it as a property of the module each time.
 */
export let worker: WorkerIdentity | null = registry().worker;
registry().onWorker.push((identity) => {
  worker = identity;
});

/**
 * Whether prefork runs the app: true in the process that loads it and in the workers, false under plain node. What an
 * app does to spread itself over processes is not to be done then.
 */
export const preforked: boolean = registry().preforked === true;

/**
 * Has a function called, and awaited, once in the process that has loaded the app, before its first fork: close there
 * what workers must not share. Hooks run in the order of their registration. Under plain node none does.
 */
export function beforeFork(hook: () => void | Promise<void>): void {
  registry().beforeFork.push({ run: check(hook), place: callerPlace(beforeFork) });
}

/**
 * Has a function called, and awaited, once in the process that has loaded the app, before the hooks of beforeFork: it
 * asks the app what clients will ask, so that workers are born with compiled code. No client can ask then. What the
 * requests change in the app, all workers have. Under plain node it is not called.
 */
export function warmUp(hook: (request: WarmUpAsk) => void | Promise<void>): void {
  const state = registry();
  state.warmUp ??= [];
  state.warmUp.push({ run: check(hook), place: callerPlace(warmUp) });
}

/**
 * Has a function called, and awaited, in each worker before it takes connections: open there what is the worker's own.
 * Hooks run in the order of their registration; one that is registered in a worker runs at once. Under plain node none
 * does.
 */
export function afterFork(hook: (worker: WorkerIdentity) => void | Promise<void>): void {
  const registered = { run: check(hook), place: callerPlace(afterFork) };
  const { afterFork: hooks, worker } = registry();
  if (worker === null) hooks.push(registered);
  else runLate(registered, worker);
}

/**
 * Has one worker of each generation run a function, such as a migration, while the others that call it wait. Resolves
 * when it has run, here or elsewhere; rejects with its error in each of them. Under plain node the function just runs.
 * @param name what the workers know it by
 */
export async function once(name: string, fn: () => unknown): Promise<void> {
  if (typeof name !== 'string' || name === '') throw invalid(`A name must be text that is not empty, not ${name}`);
  check(fn);
  const { once: run } = registry();
  if (run === undefined) await fn();
  else await run(name, fn);
}

function check<Hook>(hook: Hook): Hook {
  if (typeof hook === 'function') return hook;
  throw invalid(`A hook must be a function, not ${typeof hook}`);
}

function invalid(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** It fails as a hook that was registered in time does: as an uncaught exception. */
function runLate({ run, place }: Hook<[WorkerIdentity]>, worker: WorkerIdentity): void {
  const failed = (cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    setImmediate(() => {
      throw new Error(`the afterFork hook of ${place} failed: ${reason}`, { cause });
    });
  };
  Promise.resolve(worker).then(run).catch(failed);
}
