import { type Server, Socket } from 'node:net';
import type { Handle } from './handles.js';

/** Node's own handle of a connection: TCP or Pipe. */
export interface ConnectionHandle extends Handle {
  open(fd: number): number;
  close(callback?: () => void): void;
  /** Bytes that the kernel has not taken yet. */
  readonly writeQueueSize: number;
  /** Bytes that the other end has sent, and was sent, so far. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export type ConnectionHandleClass = { readonly prototype: object } & (new (type: number) => ConnectionHandle);

/** The constructor's first argument: TCPConstants.SOCKET and PipeConstants.SOCKET. */
export const SOCKET = 0;
/** TCPConstants.SERVER and PipeConstants.SERVER. */
export const SERVER = 1;

type ConnectedSocket = Socket & { readonly _handle?: (Handle & { readonly _parent?: Handle | null }) | null };
/** What net.Server itself sets on a connection. */
type ServerSocket = Socket & { server?: Server; _server?: Server };
type CountingServer = Server & { _connections: number; allowHalfOpen: boolean; noDelay: boolean };

/** The handle of a socket's connection, also where that of TLS is above it. */
export function connectionHandleOf(socket: Socket): Handle | undefined {
  const { _handle: handle } = socket as ConnectedSocket;
  return handle?._parent ?? handle ?? undefined;
}

/** Node does not export its handles' classes, but its objects have them. @param fd of a socket, which is closed */
export function handleClassOf(fd: number): ConnectionHandleClass {
  const sample = new Socket({ fd }) as ConnectedSocket;
  const found = sample._handle?.constructor as ConnectionHandleClass;
  sample.destroy();
  return found;
}

/** The socket that net.Server makes of a connection; the event is not raised. */
export function acceptedSocket(server: Server, handle: object): Socket {
  const counting = server as CountingServer;
  const { allowHalfOpen, noDelay } = counting;
  const options = { handle, allowHalfOpen, noDelay, readable: true, writable: true };
  const socket: ServerSocket = new Socket(options as object);
  // In this order: another one would make another hidden class.
  socket.server = server;
  socket._server = server;
  counting._connections++;
  return socket;
}

/** What a TCP handle has: each function fills in an address, and returns 0 or a negative errno. */
interface AddressedHandle {
  getpeername(out: { address?: string }): number;
  getsockname(out: { address?: string }): number;
}

/** What a handle is to tell in place of its socket's own addresses. */
export interface ToldAddresses {
  readonly getpeername?: object;
  readonly getsockname?: object;
}

/** Has one handle tell other addresses than its socket has. */
export function tellInstead(handle: object, told: ToldAddresses): void {
  for (const [name, address] of Object.entries(told)) {
    const tell = (out: object) => {
      Object.assign(out, address);
      return 0;
    };
    Object.defineProperty(handle, name, { value: tell, configurable: true, writable: true });
  }
}

/** Has handles of a class tell an address where they have none; Pipe's never tell one. */
export function tellAddress(prototype: object, address: object): void {
  if (!('getpeername' in prototype)) return;
  const addressed = prototype as AddressedHandle;
  for (const name of ['getpeername', 'getsockname'] as const) {
    const original = addressed[name];
    addressed[name] = function named(this: AddressedHandle, out) {
      const status = original.call(this, out);
      if (status === 0 && !out.address) Object.assign(out, address);
      return status;
    };
  }
}
