import { handleOf } from '../posix/after-fork/handles.js';
import { binding } from '../posix/binding.js';

declare const process: NodeJS.Process & { _getActiveHandles(): Handle[] };

/** Node's object of a thing in its event loop: a Socket, a Server, a ChildProcess … */
export type Handle = object & Parameters<typeof handleOf>[0];

/** What keeps the event loop alive. */
export function activeHandles(): Handle[] {
  return process._getActiveHandles();
}

/** Streams that do not keep it alive, such as the connections that an agent keeps for later. */
export function unreferencedStreams(): Handle[] {
  const active = new Set(activeHandles());
  binding().refStreams(true);
  const all = process._getActiveHandles();
  binding().refStreams(false);
  return all.filter((handle) => !active.has(handle));
}

export function descriptorOf(handle: Handle): number | undefined {
  const { fd } = handleOf(handle);
  return fd === undefined || fd < 0 ? undefined : fd;
}

/** What an http agent or fetch keeps for later, and does without. */
export function isAgents(handle: Handle & { listenerCount?(event: string): number }): boolean {
  if (handle.listenerCount?.('agentRemove')) return true;
  // undici's marks.
  const marks = Object.getOwnPropertySymbols(handle).map(({ description }) => description);
  return marks.includes('client') && marks.includes('no ref');
}
