import { fstatSync } from 'node:fs';
import { Server, Socket } from 'node:net';
import { MessagePort } from 'node:worker_threads';
import { closeDebugger } from '../../node/debugger.js';
import {
  activeHandles,
  activeRequests,
  descriptorOf,
  dropHandle,
  handleOf,
  type Owner,
  type Request,
  silenceRequest,
  stopHandle,
} from '../../node/handles.js';
import { binding } from '../binding.js';
import { close, dup, dup2 } from '../file.js';
import { unreferencedStreams } from '../unreferenced-streams.js';

/**
 * Stops, in the child, what kept the parent's event loop alive. The objects stay, silent: no event of theirs is
 * raised here, nothing of the parent's is read, accepted or closed.
 * @param kept descriptors of connected sockets that go on
 * @param keepWorkers message ports go on, too
 */
export function detachHandles(kept: readonly number[], keepWorkers: boolean): void {
  closeDebugger(); // Its port is the parent's.
  const busy = new Set(activeHandles());
  for (const owner of busy) if (!(keepWorkers && owner instanceof MessagePort)) detach(owner, kept);
  for (const request of activeRequests()) silence(request);
  binding().withholdResults();

  // Unreferenced: the connections that an agent keeps for later go, so that it opens new ones here.
  for (const owner of unreferencedStreams(busy)) {
    if (owner instanceof Socket && isSevered(owner, kept)) owner.destroy();
    else detach(owner, kept);
  }
}

// Except output that a slow reader of stdout has not taken: both write it, as C's stdio does. The stream goes on.
function silence(request: Request): void {
  const fd = request.handle?.fd ?? -1;
  const isOutput = fd >= 0 && fd <= 2;
  if (!isOutput) silenceRequest(request);
}

function detach(owner: Owner, kept: readonly number[]): void {
  if (kept.includes(descriptorOf(owner) ?? -1)) return;
  if (owner instanceof Server) {
    closeListener(owner);
    return;
  }
  if (owner instanceof Socket) owner.setTimeout(0);
  stopHandle(owner);
}

// The child's loop lets go of the listening socket, but the descriptor stays, as fork(2) has it: under its number
// it can be accepted from, or given to server.listen({ fd }).
function closeListener(server: Server & Owner): void {
  const fd = descriptorOf(server);
  if (fd === undefined) return;
  const spare = dup(fd, { cloexec: true });
  handleOf(server).close?.();
  dup2(spare, fd, { cloexec: true });
  close(spare);
  dropHandle(server);
}

function isSevered(socket: Socket & Owner, kept: readonly number[]): boolean {
  const fd = descriptorOf(socket) ?? -1;
  return fd > 2 && !kept.includes(fd) && fstatSync(fd).isSocket();
}
