import type { NodeFlags } from '../node/flags.js';

/** In a process of the app: the flags are seen as they were given, and so by the processes that the app starts. */
export function showFlags({ argv, options }: NodeFlags): void {
  process.execArgv = [...argv];
  if (options === undefined) delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = options;
}
