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
