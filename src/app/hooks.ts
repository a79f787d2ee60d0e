import { type Hook, registry, type WorkerIdentity } from './registry.js';

/** Runs the app's beforeFork hooks, in the zygote. @throws the first one's error, with the hook's place */
export function runBeforeFork(): Promise<void> {
  return runAll('beforeFork', registry().beforeFork);
}

/** Makes this process a worker: what `worker` of prefork/app is from now on. */
export function enterWorker(identity: WorkerIdentity): void {
  const state = registry();
  state.worker = Object.freeze({ ...identity });
  for (const tell of state.onWorker) tell(state.worker);
}

/** Runs the app's afterFork hooks, in a worker. @throws the first one's error, with the hook's place */
export function runAfterFork(): Promise<void> {
  const { afterFork, worker } = registry();
  if (worker === null) throw new Error('afterFork hooks run in workers only');
  return runAll('afterFork', afterFork, worker);
}

async function runAll<Arguments extends unknown[]>(name: string, hooks: Hook<Arguments>[], ...args: Arguments) {
  for (const { run, place } of hooks) {
    try {
      await run(...args);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`the ${name} hook of ${place ?? 'an unknown place'} failed: ${reason}`, { cause });
    }
  }
}
