import { activeHandles, type Owner } from '../node/handles.js';
import { binding } from './binding.js';

/**
 * Streams that do not keep the event loop alive, such as the connections that an agent keeps for later.
 * @param active those that do, or did a moment ago
 */
export function unreferencedStreams(active: ReadonlySet<Owner> = new Set(activeHandles())): Owner[] {
  binding().refStreams(true);
  const all = activeHandles();
  binding().refStreams(false);
  return all.filter((handle) => !active.has(handle));
}
