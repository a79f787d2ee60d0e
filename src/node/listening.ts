import { Server } from 'node:net';
import { type Handle, handleOf, type Owner } from './handles.js';

/** The arguments of net.Server's _listen2(). */
export type ListenArguments = [
  address: string | null,
  port: number,
  addressType: number,
  backlog: number,
  fd?: number,
  flags?: number,
];

/** What net.Server calls on a handle that is not libuv's: node:cluster gives it such ones as well. */
export interface ServerHandle extends Handle {
  /** Set by net.Server: takes each connection. */
  onconnection: ((status: number, client: never) => void) | undefined;
  /** Gives net.Server.address() its answer; absent for the unix domain, as in Node's Pipe. */
  getsockname: ((out: object) => number) | undefined;
  /** @returns 0 or a negative errno */
  listen(): number;
  close(callback?: () => void): void;
  ref(): void;
  unref(): void;
  hasRef(): boolean;
  /** For readableAll and writableAll. @returns 0 or a negative errno */
  fchmod(mode: number): number;
}

type Listen2 = (this: Server, ...args: ListenArguments) => void;

const prototype = Server.prototype as Server & { _listen2: Listen2 };
const { _listen2: listenOnHandle } = prototype;

/** Until Node 22, libuv filled a name of the abstract namespace up with NULs, which are a part of it. */
export const FILLS_ABSTRACT_NAMES = Number.parseInt(process.versions.node, 10) < 22;

/**
 * Takes over net.Server's step from an address to a listening handle: all of its ways to listen lead here.
 * @param listen is given Node's own step, which listens by the server's handle where setServerHandle() has set one
 */
export function takeOverListening(
  listen: (server: Server, args: ListenArguments, proceed: (...args: ListenArguments) => void) => void,
): void {
  prototype._listen2 = function listen2(...args) {
    listen(this, args, (...changed) => listenOnHandle.apply(this, changed));
  };
}

/** Has a server listen by a handle, past whatever has taken over that step. */
export function listenBy(server: Server, handle: ServerHandle): void {
  setServerHandle(server, handle);
  listenOnHandle.call(server, '::', 0, 6, 0);
}

/** The function that stands for that step at present. */
export function listeningStep(): (...args: never[]) => unknown {
  return prototype._listen2;
}

/** The descriptor that a server is told to listen on, by { fd } or by an object that has a handle; undefined without. */
export function descriptorToListenOn(server: Server, fd: number | undefined): number | undefined {
  return fd ?? (server as Owner)._handle?.fd;
}

export function setServerHandle(server: Server, handle: ServerHandle | null): void {
  Reflect.set(server, '_handle', handle);
}

/** What net.Server.address() tells where the handle has no getsockname(): Node notes it only where the app asks for a path. */
export function setServerPath(server: Server, path: string): void {
  Reflect.set(server, '_pipeName', path);
}

/** What child.send() takes for the server: it reads the handle, and looks at the class. Without one it sends none. */
export function withHandle(server: Server, handle: object | null): Server {
  return Object.create(server, { _handle: { value: handle } }) as Server;
}

/** Closes what a server listens by; the server, and the connections that it has, stay as they are. */
export function closeServerHandle(server: Server): void {
  const handle = handleOf(server);
  if (handle !== server) handle.close?.();
}
