import { _exit, type ChildStatus, fork, getpid, setParentDeathSignal, waitpid } from '../../posix/index.js';
import { closeDebugger } from '../debugger.js';
import { examine, type Finding, type Recording, unsettled } from '../examine/index.js';
import { enterWorker, runAfterFork, runBeforeFork } from '../hooks.js';
import { closeIdleConnections } from '../idle-connections.js';
import type { ListenHook } from '../listen.js';
import { loadMain } from '../main-module.js';
import { preload } from '../preload.js';
import { whenQuiet } from '../quiet.js';
import { randomPools, refillRandomPools } from '../random-pools.js';
import { draw } from './draw.js';
import { exitListeners } from './exit-listeners.js';
import { knownInstances } from './instances.js';
import type { CheckMessage, CheckOptions } from './messages.js';
import { packageHabits } from './packages.js';

/** `fd` is the only socket that is not the app's. */
export interface TrialOptions extends CheckOptions {
  /** The app's absolute path. */
  readonly app: string;
  readonly recording: Recording;
  readonly listening: ListenHook;
  readonly tell: (message: CheckMessage) => void;
  /** Ends this process: the app never comes to where it may be forked. */
  readonly giveUp: (reasons: readonly string[]) => never;
}

/** Loads the app, examines it, and has two forks of it draw what must differ. It ends this process and the siblings. */
export async function runTrial(options: TrialOptions): Promise<void> {
  const { app, recording, fd, tell } = options;
  await preload(options.preloadModules);
  loadMain(app);
  await settle(options, () => []);
  const stuck = await runBeforeFork(options.timeout);
  if (stuck !== undefined) options.giveUp([stuck]);
  closeIdleConnections();
  closeDebugger();
  const look = () => examine(recording, { ignore: [fd] });
  // Those that do not pass are among the findings.
  await settle(options, () => look().flatMap(({ severity, message }) => (severity === 'refusal' ? [message] : [])));
  const findings = look();
  tell({ type: 'findings', findings: [...findings, ...advice()] });
  // A fork would only say once more that there is a Worker.
  const slot = findings.some(isForkedNever) ? undefined : forkSiblings(options);
  if (slot !== undefined) await liveAsSibling(slot, options);
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
function advice(): Finding[] {
  return [...packageHabits(), ...knownInstances(), ...exitListeners()];
}

function isForkedNever({ kind, severity }: Finding): boolean {
  return kind === 'Worker' && severity === 'refusal';
}

async function settle(options: TrialOptions, obstacles: () => readonly string[]): Promise<void> {
  const { listening, recording, timeout, giveUp } = options;
  const quiet = await whenQuiet({ arrived: () => listening.waiting > 0, obstacles, timeout });
  if (quiet.type === 'quiet' || quiet.type === 'obstacles') return;
  giveUp(unsettled(quiet, recording, listening.failures.all));
}

/** @returns in a sibling, its slot; in their parent, nothing, and only when they have ended */
function forkSiblings({ fd, tell }: TrialOptions): number | undefined {
  const siblings: number[] = [];
  try {
    for (const slot of [0, 1]) {
      const pid = fork({ keepHandles: true, keepSockets: [fd] });
      if (pid === 0) return slot;
      siblings.push(pid);
    }
  } catch (error) {
    tell({ type: 'no trial', reason: (error as Error).message });
  }
  for (const pid of siblings) {
    const { code, signal } = waitpid(pid) as ChildStatus;
    if (code !== 0) tell({ type: 'no trial', reason: `a worker ended with ${signal ?? `status ${code}`}` });
  }
  return undefined;
}

async function liveAsSibling(slot: number, { fd, recording, tell }: TrialOptions): Promise<void> {
  setParentDeathSignal('SIGKILL');
  recording.stop();
  const pools = randomPools();
  refillRandomPools();
  enterWorker({ slot, generation: 1, pid: getpid() });
  await runAfterFork();
  tell({ type: 'drawn', drawn: draw(pools, [fd]) });
}
