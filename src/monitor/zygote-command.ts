import type { AppOptions } from '../channel/launch.js';
import { oneArena } from './policy/allocator.js';
import { flagsOfZygote } from './zygote-flags.js';

/** How the Node of a zygote is started. */
export interface ZygoteCommand {
  /** Its main script. */
  readonly program: string;
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The names of variables that the app is not to see. */
  readonly ownVariables: readonly string[];
}

/** @param program a file of the installation that the zygote runs */
export function zygoteCommand(options: Pick<AppOptions, 'preload' | 'nodeFlags'>, program: string): ZygoteCommand {
  const allocator = oneArena(process.env);
  const flags = flagsOfZygote(options, program);
  // libuv's io_uring rings are memory that a forked child would share with its parent.
  const env = { ...process.env, ...allocator, NODE_OPTIONS: flags.options, UV_USE_IO_URING: '0' };
  return { program, flags: flags.argv, env, ownVariables: Object.keys(allocator) };
}
