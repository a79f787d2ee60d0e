import { activeHandles, type Owner } from '../node/handles.js';
import { binding } from '../posix/binding.js';

/** Streams that do not keep it alive, such as the connections that an agent keeps for later. */
export function unreferencedStreams(): Owner[] {
  const active = new Set(activeHandles());
  binding().refStreams(true);
  const all = activeHandles();
  binding().refStreams(false);
  return all.filter((handle) => !active.has(handle));
}

/** What an http agent or fetch keeps for later, and does without. */
export function isAgents(handle: Owner & { listenerCount?(event: string): number }): boolean {
  if (handle.listenerCount?.('agentRemove')) return true;
  // undici's marks.
  const marks = Object.getOwnPropertySymbols(handle).map(({ description }) => description);
  return marks.includes('client') && marks.includes('no ref');
}

/** Of files: fs.watch and fs.watchFile. */
export function isWatcher({ constructor: { name } }: Owner): boolean {
  return /^(FS|Stat)Watcher$/.test(name);
}
