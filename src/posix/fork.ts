import { binding } from './binding.js';

export interface ForkOptions {
  /** Connected sockets, by descriptor, that the child keeps; every other one is severed there. */
  readonly keepSockets?: readonly number[];
}

/**
 * Makes a child process, a copy of this one that goes on from here. fork(2).
 * @returns 0 in the child, the child's process id in the parent
 */
export function fork(_options: ForkOptions = {}): number {
  const pid = binding().fork();
  if (pid === 0) Object.defineProperty(process, 'pid', { value: binding().getpid() });
  return pid;
}
