import { channel } from 'node:diagnostics_channel';
import type { Server } from 'node:net';
import { getSystemErrorMap } from 'node:util';
import type { ListenFailure } from '../../channel/messages.js';

type Failure = Omit<ListenFailure, 'type'>;

/** The error of node:net for an address that cannot be listened on: the same words and properties. */
export function listenError({ errno, address, port, detail }: Failure, above: (...args: never[]) => unknown): Error {
  const [code, words] = getSystemErrorMap().get(errno) ?? ['UNKNOWN', 'unknown error'];
  const where = port > 0 ? ` ${address}:${port}` : address && ` ${address}`;
  const error = new Error(`listen ${code}: ${words}${where}${detail === undefined ? '' : ` (${detail})`}`);
  Error.captureStackTrace(error, above);
  return Object.assign(error, { code, errno, syscall: 'listen', address, ...(port !== 0 && { port }) });
}

/** Tells of it as node:net does: 'error' in a tick of its own, and on its diagnostics channel at once. */
export function raiseListenError(server: Server, error: Error): void {
  const failed = channel('tracing:net.server.listen:error');
  if (failed.hasSubscribers) failed.publish({ server, error });
  process.nextTick(() => server.emit('error', error));
}
