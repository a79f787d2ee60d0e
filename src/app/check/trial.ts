import { _exit, type ChildStatus, fork, getpid, setParentDeathSignal, waitpid } from '../../posix/index.js';
import { examine, type Recording, unsettled } from '../examine/index.js';
import { enterWorker, runAfterFork, runBeforeFork } from '../hooks.js';
import { closeIdleConnections } from '../idle-connections.js';
import type { ListenHook } from '../listen.js';
import { loadMain } from '../main-module.js';
import { preload } from '../preload.js';
import { whenQuiet } from '../quiet.js';
import { randomPools, refillRandomPools } from '../random-pools.js';
import { draw } from './draw.js';
import type { CheckMessage, CheckOptions } from './messages.js';

/** `fd` is the only socket that is not the app's. */
export interface TrialOptions extends CheckOptions {
  /** The app's absolute path. */
  readonly app: string;
  readonly recording: Recording;
  readonly listening: ListenHook;
  readonly tell: (message: CheckMessage) => void;
}

/** Loads the app, examines it, and has two forks of it draw what must differ. It ends this process and the siblings. */
export async function runTrial(options: TrialOptions): Promise<void> {
  const { app, recording, fd, tell } = options;
  await preload(options.preloadModules);
  loadMain(app);
  await settle(options, () => []);
  const stuck = await runBeforeFork(options.timeout);
  if (stuck !== undefined) giveUp(options, [stuck]);
  closeIdleConnections();
  const look = () => examine(recording, { ignore: [fd] });
  // Those that do not pass are among the findings.
  await settle(options, () => look().flatMap(({ severity, message }) => (severity === 'refusal' ? [message] : [])));
  tell({ type: 'findings', findings: look() });
  const slot = forkSiblings(options);
  if (slot !== undefined) await liveAsSibling(slot, options);
  _exit(0);
}

async function settle(options: TrialOptions, obstacles: () => readonly string[]): Promise<void> {
  const { listening, recording, timeout } = options;
  const quiet = await whenQuiet({ arrived: () => listening.waiting > 0, obstacles, timeout });
  if (quiet.type === 'quiet' || quiet.type === 'obstacles') return;
  giveUp(options, unsettled(quiet, recording, listening.failures.all));
}

function giveUp({ tell }: TrialOptions, reasons: readonly string[]): never {
  tell({ type: 'unsettled', reasons });
  return _exit(0);
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
