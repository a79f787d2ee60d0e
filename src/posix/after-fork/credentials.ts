import { binding } from '../binding.js';

const CALLS = ['setuid', 'setgid', 'seteuid', 'setegid', 'setgroups', 'initgroups'] as const;
/** How long a thread may stay busy before a change is refused. */
const TIMEOUT_MS = 5000;

/** This process, or one that it is a copy of, has them. */
let isPatched = false;

/**
 * Makes changes of user and group reach every thread of the child: the C library finds threads by their ids, and
 * one that was busy at the fork goes by its parent's until it has been seen idle.
 */
export function patchSetuid(): void {
  if (isPatched) return;
  isPatched = true;
  for (const name of CALLS) {
    const original = Reflect.get(process, name) as ((...args: unknown[]) => unknown) | undefined;
    if (original === undefined) continue;
    Reflect.set(process, name, (...args: unknown[]) => {
      const stale = binding().settleThreads(TIMEOUT_MS);
      if (stale > 0)
        throw new Error(`${name}: ${stale} busy threads of this process cannot be reached; try again later`);
      return original.apply(process, args);
    });
  }
}
