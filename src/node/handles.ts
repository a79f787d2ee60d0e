import { Socket as DatagramSocket } from 'node:dgram';

// What Node's objects are under the surface, as far as it is needed here.
export interface Handle {
  readonly fd?: number;
  close?(): void;
  readStop?(): void;
  recvStop?(): void;
  onchange?: () => void;
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
  if (!(owner instanceof DatagramSocket)) return owner._handle ?? owner;
  const symbol = Object.getOwnPropertySymbols(owner).find(({ description }) => description === 'state symbol');
  const state = symbol && (Reflect.get(owner, symbol) as { handle?: Handle } | undefined);
  return state?.handle ?? {};
}

/** The descriptor that an object has; undefined where it has none. */
export function descriptorOf(owner: Owner): number | undefined {
  const { fd } = handleOf(owner);
  return fd === undefined || fd < 0 ? undefined : fd;
}
