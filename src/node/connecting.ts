import net, { type Socket, type TcpSocketConnectOpts } from 'node:net';
import { type ConnectionHandle, type ConnectionHandleClass, type ToldAddresses, tellInstead } from './connections.js';

/** What net.Socket's connect() takes; `lookup` is Node's own way to say who finds the address. */
export type ConnectOptions = Partial<TcpSocketConnectOpts> & { readonly path?: string };
export type ConnectCallback = (() => void) | null;

type ConnectingSocket = Socket & { readonly _parent?: Socket | null; _host: string | null };

/** Node's reading of connect()'s arguments, which it gives away under this name. */
const { _normalizeArgs: normalizeArgs } = net as unknown as {
  _normalizeArgs(args: readonly unknown[]): [ConnectOptions, ConnectCallback];
};

/** The arguments of connect(); Node itself calls it with what it has read them as. */
export function connectArguments(args: readonly unknown[]): [ConnectOptions, ConnectCallback] {
  return Array.isArray(args[0]) ? (args[0] as [ConnectOptions, ConnectCallback]) : normalizeArgs(args);
}

/** Whether this is a socket of TLS above another one, which connects. */
export function isAboveConnecting(socket: Socket): boolean {
  return (socket as ConnectingSocket)._parent?.connecting ?? false;
}

/** Connects, after which the socket has the host name that it had before. */
export function keepingHost(socket: Socket, connect: () => void): void {
  const { _host } = socket as ConnectingSocket;
  connect();
  (socket as ConnectingSocket)._host = _host;
}

/**
 * Connects to a path, which is not looked up: its handle's own connect is put off.
 * @param Pipe the class of handles of unix sockets
 * @returns that connect, to be called later; undefined where Node did not come to it
 */
export function putOffHandlesConnect(Pipe: ConnectionHandleClass, connect: () => void): (() => void) | undefined {
  type Connect = (this: object, request: { oncomplete: (...results: unknown[]) => void }, path: string) => number;
  const prototype = Pipe.prototype as { connect: Connect };
  const original = prototype.connect;
  let proceed: (() => void) | undefined;
  prototype.connect = function putOff(request, path) {
    proceed = () => {
      const error = prototype.connect.call(this, request, path);
      if (error !== 0) request.oncomplete(error, this, request, true, true);
    };
    return 0;
  };
  try {
    connect();
  } finally {
    prototype.connect = original;
  }
  return proceed;
}

/** What Node's connect() calls a handle's own connect with. */
interface ConnectRequest {
  oncomplete(...results: unknown[]): void;
}

/**
 * Has a handle that Node connects meanwhile take the end of a connection that exists already.
 * @param Handle the class of handles of that kind of sockets
 * @param told the addresses that the handle is to tell
 * @returns false where Node did not come to it, or the handle has a descriptor, as one that is bound: nothing was taken
 */
export function connectByDescriptor(
  Handle: ConnectionHandleClass,
  fd: number,
  told: ToldAddresses,
  connect: () => void,
): boolean {
  type Connect = (this: ConnectionHandle, request: ConnectRequest, ...address: unknown[]) => number;
  const prototype = Handle.prototype as { connect: Connect; connect6?: Connect }; // Only TCP has both.
  const { connect: original, connect6: original6 } = prototype;
  let taken = false;
  const takeInstead = (otherwise: Connect): Connect =>
    function given(request, ...args) {
      if (taken || (this.fd ?? -1) >= 0) return otherwise.call(this, request, ...args);
      taken = true;
      const error = this.open(fd);
      tellInstead(this, told);
      if (error === 0) setImmediate(() => request.oncomplete(0, this, request, true, true));
      return error;
    };
  prototype.connect = takeInstead(original);
  if (original6 !== undefined) prototype.connect6 = takeInstead(original6);
  try {
    connect();
  } finally {
    prototype.connect = original;
    if (original6 !== undefined) prototype.connect6 = original6;
  }
  return taken;
}
