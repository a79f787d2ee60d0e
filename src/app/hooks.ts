import { type Hook, registry, type WorkerIdentity } from './api/registry.js';

/**
 * Runs the app's beforeFork hooks, in the zygote.
 * @param timeout for all of them, in milliseconds
 * @returns what is in the way of the fork, when a hook has not resolved by then
 * @throws the first one's error, with the hook's place
 */
export async function runBeforeFork(timeout: number): Promise<string | undefined> {
  const end = performance.now() + timeout;
  for (const hook of registry().beforeFork) {
    const begun = performance.now();
    if (await resolves(run('beforeFork', hook), end - begun)) continue;
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    return `${nameOf('beforeFork', hook)} has not resolved for ${seconds} s`;
  }
  return undefined;
}

/** Makes this process a worker: what `worker` of prefork/app is from now on. */
export function enterWorker(identity: WorkerIdentity): void {
  const state = registry();
  state.worker = Object.freeze({ ...identity });
  for (const tell of state.onWorker) tell(state.worker);
}

/** Runs the app's afterFork hooks, in a worker. @throws the first one's error, with the hook's place */
export async function runAfterFork(): Promise<void> {
  const { afterFork, worker } = registry();
  if (worker === null) throw new Error('afterFork hooks run in workers only');
  for (const hook of afterFork) await run('afterFork', hook, worker);
}

async function run<Arguments extends unknown[]>(name: string, hook: Hook<Arguments>, ...args: Arguments) {
  try {
    await hook.run(...args);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${nameOf(name, hook)} failed: ${reason}`, { cause });
  }
}

function nameOf(name: string, { place = 'an unknown place' }: { readonly place: string | undefined }): string {
  return `the ${name} hook of ${place}`;
}

/** Whether it resolves within so many milliseconds. */
async function resolves(promise: Promise<void>, timeout: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, timeout), false);
  });
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer));
}
