import { callerPlace } from './examine/place.js';
import { registry, type WorkerIdentity } from './registry.js';

export type { WorkerIdentity } from './registry.js';

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
 * Has a function called, and awaited, in each worker before it takes connections: open there what is the worker's own.
 * Hooks run in the order of their registration. Under plain node none does.
 */
export function afterFork(hook: (worker: WorkerIdentity) => void | Promise<void>): void {
  registry().afterFork.push({ run: check(hook), place: callerPlace(afterFork) });
}

function check<Hook>(hook: Hook): Hook {
  if (typeof hook === 'function') return hook;
  throw Object.assign(new TypeError(`A hook must be a function, not ${typeof hook}`), { code: 'ERR_INVALID_ARG_TYPE' });
}
