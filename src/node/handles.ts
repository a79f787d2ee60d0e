import type { ChildProcess } from 'node:child_process';
import { Socket as DatagramSocket } from 'node:dgram';
import type { Server } from 'node:net';

// What Node's objects are under the surface, as far as it is needed here.
export interface Handle {
  readonly fd?: number;
  close?(): void;
  readStop?(): void;
  recvStop?(): void;
  hasRef?(): boolean;
  onchange?: () => void;
}

interface DatagramState {
  readonly handle?: Handle;
  readonly reuseAddr?: boolean;
  readonly reusePort?: boolean;
}

/** Node's object of a thing in its event loop: a Socket, a Server, a ChildProcess … */
export type Owner = object & Handle & { readonly _handle?: Handle | null; unref?(): void };

/** A request that the event loop waits for. */
export interface Request {
  readonly handle?: Handle;
  oncomplete?: () => void;
}

declare const process: NodeJS.Process & { _getActiveHandles(): Owner[]; _getActiveRequests(): Request[] };

/** What keeps the event loop alive. */
export function activeHandles(): Owner[] {
  return process._getActiveHandles();
}

export function activeRequests(): Request[] {
  return process._getActiveRequests();
}

/** Node's own handle of an object. A datagram socket keeps it under a symbol, and warns when it is asked for by name. */
export function handleOf(owner: Owner): Handle {
  return owner instanceof DatagramSocket ? (stateOf(owner)?.handle ?? {}) : (owner._handle ?? owner);
}

/** Whether others may bind the address of a datagram socket, too. */
export function sharesAddress(socket: DatagramSocket): boolean {
  const { reuseAddr, reusePort } = stateOf(socket) ?? {};
  return Boolean(reuseAddr || reusePort);
}

function stateOf(socket: DatagramSocket): DatagramState | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  return symbol && (Reflect.get(socket, symbol) as DatagramState | undefined);
}

/** The descriptor that an object has; undefined where it has none. */
export function descriptorOf(owner: Owner): number | undefined {
  const { fd } = handleOf(owner);
  return fd === undefined || fd < 0 ? undefined : fd;
}

/** The descriptor of the IPC channel of a child process that child_process.fork() has started. */
export function channelDescriptorOf({ channel }: ChildProcess): number | undefined {
  return (channel as Handle | null | undefined)?.fd;
}

/** What an http agent or fetch keeps for later, and does without. */
export function isAgents(handle: Owner & { listenerCount?(event: string): number }): boolean {
  if (handle.listenerCount?.('agentRemove')) return true;
  // undici's marks.
  const marks = Object.getOwnPropertySymbols(handle).map(({ description }) => description);
  return marks.includes('client') && marks.includes('no ref');
}

/** Whether it watches files: fs.watch and fs.watchFile. */
export function isWatcher({ constructor: { name } }: Owner): boolean {
  return /^(FS|Stat)Watcher$/.test(name);
}

/** Has an object hear nothing more, and keep the event loop alive no more; only a watcher of files is closed. */
export function stopHandle(owner: Owner): void {
  const handle = handleOf(owner);
  if ('onchange' in handle) {
    handle.onchange = ignore;
    handle.close?.();
  }
  handle.readStop?.();
  handle.recvStop?.();
  owner.unref?.();
}

/** Drops the callback of a request, so that its end goes unreported. */
export function silenceRequest(request: Request): void {
  if (request.oncomplete) request.oncomplete = ignore;
}

/** Has a server listen no more, whatever has become of its handle: address() is null, and close() closes nothing. */
export function dropHandle(server: Server): void {
  Reflect.set(server, '_handle', null);
}

function ignore(): void {}
