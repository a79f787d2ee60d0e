import { readFileSync } from 'node:fs';
import { PreforkError } from '../errors.js';
import { binding } from './binding.js';
import type { ForkRefusal } from './binding-types.js';

export interface ForkOptions {
  /** Connected sockets, by descriptor, that the child may go on using; every other one is severed there. */
  readonly keepSockets?: readonly number[];
  /** How long, in milliseconds, the thread pool and the threads may take to stand still. 1000 by default. */
  readonly timeout?: number;
}

/**
 * Makes a child process, a copy of this one that goes on from here, with all its threads. fork(2).
 * @returns 0 in the child, the child's process id in the parent
 * @throws PreforkError when this process cannot be copied now, EAGAIN or ENOMEM when the system has no room;
 * there is no child then, and nothing has changed
 */
export function fork(options: ForkOptions = {}): number {
  const result = binding().fork(options.timeout ?? 1000, options.keepSockets ?? []);
  if (typeof result !== 'number') throw new PreforkError(`ERR_PREFORK_${result.cause}`, describe(result));
  if (result === 0) Object.defineProperty(process, 'pid', { value: binding().getpid() });
  return result;
}

function describe({ detail, thread }: ForkRefusal): string {
  return [detail, thread && `thread ${thread} ${threadName(thread)}`].filter(Boolean).join(', ');
}

function threadName(thread: number): string {
  try {
    return `"${readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()}"`;
  } catch {
    return '(ended)';
  }
}
