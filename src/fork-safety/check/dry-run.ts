import { registry } from '../../app/api/registry.js';
import type { AppProcess } from '../../app/app-process.js';
import { prepareForFork } from '../../app/before-fork/prepare-fork.js';
import { enterWorker, runAfterFork } from '../../app/hooks.js';
import type { Observed } from '../../app/observed.js';
import { randomPools, refillRandomPools } from '../../node/random-pools.js';
import { _exit, type ChildStatus, fork, getpid, setParentDeathSignal, waitpid } from '../../posix/index.js';
import type { Diagnostic } from '../index.js';
import { exitListeners } from './exit-listeners.js';
import type { FakeMonitor } from './fake-monitor.js';
import { knownInstances } from './instances.js';
import { packageHabits } from './packages.js';
import { draw } from './sample-ids.js';

/**
 * Prepares the app for the fork as a zygote does, and has two forks of it draw what must differ. It ends this process
 * and the siblings.
 */
export async function dryRun(app: AppProcess, observed: Observed, monitor: FakeMonitor): Promise<void> {
  let isForkable = true;
  const found = (findings: readonly Diagnostic[]) => {
    // A fork would only say once more that there is a Worker.
    isForkable = !findings.some(({ kind, severity }) => kind === 'Worker' && severity === 'refusal');
    monitor.tell({ type: 'findings', findings: [...findings, ...monitor.warnings.map(ofWarmUp), ...advice()] });
  };
  const { begin } = await prepareForFork(app, observed, { found, despiteRefusals: true });
  app.hasReported = true;
  observed.threads.rest();
  const slot = isForkable ? forkSiblings(monitor) : undefined;
  begin();
  if (slot !== undefined) await runForkedSample(slot, app, observed, monitor);
  leave();
  _exit(0);
}

/** What the app has made for the time that a process lives, such as a folder, it removes at the exit. */
function leave(): void {
  try {
    process.emit('exit', 0);
  } catch {
    // A listener that expects what only a worker has; the report is written.
  }
}

/** What `prefork start` does not tell: it may be as it should. */
function advice(): Diagnostic[] {
  return [...packageHabits(), ...knownInstances(), ...exitListeners()];
}

/** Until it listens, the process of an app warns of nothing else. */
function ofWarmUp(message: string): Diagnostic {
  return {
    kind: 'warm-up',
    severity: 'warning',
    message,
    remedy: 'without it, the first requests of a worker are slow',
  };
}

/** @returns in a sibling, its slot; in their parent, nothing, and only when they have ended */
function forkSiblings(monitor: FakeMonitor): number | undefined {
  const siblings: number[] = [];
  try {
    for (const slot of [0, 1]) {
      const pid = fork({ keepHandles: true, restWorkers: true, keepSockets: [monitor.fd] });
      if (pid === 0) return slot;
      siblings.push(pid);
    }
  } catch (error) {
    monitor.tell({ type: 'no comparison', reason: (error as Error).message });
  }
  for (const pid of siblings) {
    const { code, signal } = waitpid(pid) as ChildStatus;
    if (code !== 0)
      monitor.tell({ type: 'no comparison', reason: `a worker ended with ${signal ?? `status ${code}`}` });
  }
  return undefined;
}

async function runForkedSample(slot: number, app: AppProcess, { threads }: Observed, monitor: FakeMonitor) {
  setParentDeathSignal('SIGKILL');
  const pools = randomPools();
  refillRandomPools();
  enterWorker({ slot, generation: 1, pid: getpid() });
  // A hook may wait for what is held.
  if (registry().afterFork.length > 0) {
    threads.release();
    app.connects.release();
    app.once.open();
  }
  await runAfterFork();
  monitor.tell({ type: 'drawn', drawn: draw(pools, [monitor.fd]) });
}
