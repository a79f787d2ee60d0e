import { ChildProcess } from 'node:child_process';
import { Socket as DatagramSocket } from 'node:dgram';
import { Server, Socket } from 'node:net';

// biome-ignore lint/suspicious/noExplicitAny: any function of Node's.
type Method = (this: any, ...args: any[]) => any;

/** Gives a method of Node's another function. @param make is given the present one */
export function override<Name extends string>(
  owner: Record<Name, unknown>,
  name: Name,
  make: (original: Method) => Method,
): void {
  Object.assign(owner, { [name]: make(owner[name] as Method) });
}

/** All ways to connect a stream lead through this method: those of net, tls, http and http2. */
export function overrideConnect(make: (original: Method) => Method): void {
  override(Socket.prototype as Record<'connect', unknown>, 'connect', make);
}

/** All servers' listen(). */
export function overrideListen(make: (original: Method) => Method): void {
  override(Server.prototype as Record<'listen', unknown>, 'listen', make);
}

/** Whatever starts a child process. */
export function overrideSpawn(make: (original: Method) => Method): void {
  override(ChildProcess.prototype as unknown as Record<'spawn', unknown>, 'spawn', make);
}

/** The methods by which an app opens sockets and starts child processes: their `this` is what is opened. */
export function overrideOpening(make: (original: Method) => Method): void {
  overrideConnect(make);
  overrideListen(make);
  override(DatagramSocket.prototype as Record<'bind', unknown>, 'bind', make);
  override(DatagramSocket.prototype as Record<'connect', unknown>, 'connect', make);
  overrideSpawn(make);
}
