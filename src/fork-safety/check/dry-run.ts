import { registry } from '../../app/api/registry.js';
import type { ConnectHook } from '../../app/connect-hook.js';
import type { ConnectRecord } from '../../app/connect-record.js';
import { enterWorker, runAfterFork, runBeforeFork } from '../../app/hooks.js';
import type { ListenHook } from '../../app/listen-hook.js';
import type { OnceGate } from '../../app/once.js';
import { stopServices } from '../../app/services.js';
import type { HeldConnect } from '../../monitor/policy/holds.js';
import { closeDebugger } from '../../node/debugger.js';
import { loadMainAfter } from '../../node/main-module.js';
import { Preload } from '../../node/preload.js';
import { randomPools, refillRandomPools } from '../../node/random-pools.js';
import { _exit, type ChildStatus, fork, getpid, setParentDeathSignal, waitpid } from '../../posix/index.js';
import { HeldWait } from '../held-wait.js';
import { whenQuiet } from '../idle.js';
import { closeIdleConnections } from '../idle-connections.js';
import { examine, type Finding, openConnects, placed, type Recording, unsettled } from '../index.js';
import { exitListeners } from './exit-listeners.js';
import { knownInstances } from './instances.js';
import type { CheckMessage, CheckOptions } from './messages.js';
import { packageHabits } from './packages.js';
import { draw } from './sample-ids.js';

/** `fd` is the only socket that is not the app's. */
export interface TrialOptions extends CheckOptions {
  /** The app's absolute path. */
  readonly app: string;
  readonly recording: Recording;
  readonly listening: ListenHook;
  readonly connects: ConnectHook;
  readonly passed: ConnectRecord | undefined;
  readonly once: OnceGate;
  readonly tell: (message: CheckMessage) => void;
  /** Ends this process: the app never comes to where it may be forked. */
  readonly giveUp: (reasons: readonly string[]) => never;
}

/** Loads the app, examines it, and has two forks of it draw what must differ. It ends this process and the siblings. */
export async function runTrial(options: TrialOptions): Promise<void> {
  const { app, recording, connects, fd, tell } = options;
  const loaded = watchFailure(options);
  const preload = new Preload(options.preloadModules);
  loadMainAfter(preload, app);
  await settle(options, () => []);
  const stuck = await runBeforeFork(options.timeout);
  if (stuck !== undefined) options.giveUp([stuck]);
  closeIdleConnections();
  await stopServices();
  closeDebugger();
  const look = () => examine(recording, { ignore: [fd], connects });
  // Those that do not pass are among the findings.
  await settle(options, () => look().flatMap(({ severity, message }) => (severity === 'refusal' ? [message] : [])));
  const findings = look();
  if (options.passed !== undefined) askToHold(openConnects(findings), [...findings, ...packageHabits()], tell);
  loaded();
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

/** Ends the process where connections stand in the way that could be held. */
function askToHold(connects: readonly HeldConnect[], findings: readonly Finding[], tell: TrialOptions['tell']): void {
  if (connects.length === 0) return;
  tell({ type: 'hold', destinations: connects.map(({ destination }) => destination), findings });
  _exit(0);
}

/** As for a zygote: an app that fails because it finds no peer is loaded once more. @returns what ends it */
function watchFailure({ passed, recording, tell }: TrialOptions): () => void {
  const exits = (status: number) => {
    if (status !== 0) askToHold(placed(passed?.failed ?? [], recording), [], tell);
  };
  process.on('exit', exits);
  return () => process.off('exit', exits);
}

/** What `prefork start` does not tell: it may be as it should. */
function advice(): Finding[] {
  return [...packageHabits(), ...knownInstances(), ...exitListeners()];
}

function isForkedNever({ kind, severity }: Finding): boolean {
  return kind === 'Worker' && severity === 'refusal';
}

async function settle(options: TrialOptions, obstacles: () => readonly string[]): Promise<void> {
  const { listening, recording, connects, once, mayAskToHold, timeout, giveUp } = options;
  const held = new HeldWait({ connects, once, recording });
  const arrived = () => listening.waiting > 0;
  const quiet = await whenQuiet({ arrived, held, obstacles, hasty: mayAskToHold, timeout });
  if (quiet.type === 'quiet' || quiet.type === 'obstacles') return;
  giveUp(unsettled(quiet, { recording, failures: listening.failures.all, connects }));
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

async function liveAsSibling(slot: number, options: TrialOptions): Promise<void> {
  const { fd, recording, connects, once, tell } = options;
  setParentDeathSignal('SIGKILL');
  recording.stop();
  const pools = randomPools();
  refillRandomPools();
  enterWorker({ slot, generation: 1, pid: getpid() });
  // A hook may wait for what is held.
  if (registry().afterFork.length > 0) {
    connects.release();
    once.open();
  }
  await runAfterFork();
  tell({ type: 'drawn', drawn: draw(pools, [fd]) });
}
