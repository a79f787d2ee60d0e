import type { NodeFlags } from '../node/flags.js';
import type { LibraryOptions } from '../settings/index.js';

/** Tells a monitor its context; what wrote it is its parent, or the same process before execve(2). */
const VARIABLE = 'PREFORK_START';

/** How a process came to be a monitor. */
export interface StartContext {
  /** The flags that Node was started with: they are meant for the app. */
  readonly nodeFlags: NodeFlags;
  /** The names of the variables that this process has by these flags alone, such as --env-file. */
  readonly variablesOfFlags: readonly string[];
  /** Where serve() started it: it hears of each event over Node's IPC channel, and gives orders there. */
  readonly options?: LibraryOptions | undefined;
}

interface Told extends StartContext {
  /** The process id of its writer: the context of any other process does not hold. */
  readonly by: number;
}

/** The variables by which a monitor is told its context. */
export function contextVariables(context: StartContext): NodeJS.ProcessEnv {
  const told: Told = { ...context, by: process.pid };
  return { [VARIABLE]: JSON.stringify(told) };
}

/** Whether there is one to be taken. */
export function hasContext(): boolean {
  return process.env[VARIABLE] !== undefined;
}

/** Takes the context from the environment, so that the app does not see it; undefined when there is none. */
export function takeContext(): StartContext | undefined {
  const told = JSON.parse(process.env[VARIABLE] || 'null') as Told | null;
  delete process.env[VARIABLE];
  return told !== null && [process.pid, process.ppid].includes(told.by) ? told : undefined;
}
