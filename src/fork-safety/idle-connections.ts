import { Socket } from 'node:net';
import { isAgents } from '../node/handles.js';
import { unreferencedStreams } from '../posix/unreferenced-streams.js';

/**
 * Closes what http agents and fetch keep for later, before the fork: a worker would find it severed, and its first
 * request on it fails, whereas an agent without a connection opens one.
 */
export function closeIdleConnections(): void {
  for (const handle of unreferencedStreams()) if (handle instanceof Socket && isAgents(handle)) handle.destroy();
}
