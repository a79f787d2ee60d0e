import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { addressText, isAbstract, type ListenAddress } from '../../net/address.js';
import type { PathOwner } from '../../net/unix-path.js';
import { getsockname, groupId, isListening, userId } from '../../posix/index.js';
import type { Settings } from '../../settings/index.js';
import type { ListenersOptions } from './listeners.js';

/** How many descriptors one message takes: see sendMessage() of prefork/posix. */
const MAX_SOCKETS = 16;

/** What the monitor was started with. */
export interface Surroundings {
  /** Sockets of a service manager, by descriptor. */
  readonly given: readonly number[];
  /** Other listening sockets. */
  readonly inherited: readonly number[];
  /** The absolute path of a socket, which has room for it. @throws Error */
  readonly pathOf: (path: string) => string;
  /** The owner of sockets' paths without --socket-owner: the app may set their permissions, and take them away. */
  readonly appOwner: Required<PathOwner> | undefined;
}

/**
 * What the settings and the service manager say about listening.
 * @throws Error in one line that says what is wrong and what to do
 */
export async function listenersOptions(
  { listen, allowListen, socketMode, socketOwner }: Settings,
  { given, inherited, pathOf, appOwner }: Surroundings,
): Promise<ListenersOptions> {
  for (const fd of given) checkGiven(fd);
  if (given.length + listen.length > MAX_SOCKETS) {
    throw new Error(`the app's first server can have ${MAX_SOCKETS} sockets, by --listen and from a service manager`);
  }
  const overrides = await Promise.all(listen.map((address) => numeric('--listen', address, pathOf)));
  const app = appOwner && { uid: appOwner.uid, gid: appOwner.gid };
  const owner = socketOwner === undefined ? app : ownerOf(socketOwner);
  const allowed = await Promise.all(allowListen.map((address) => numeric('--allow-listen', address, pathOf)));
  return { overrides, allowed, given, inherited, socketMode, socketOwner: owner };
}

function checkGiven(fd: number): void {
  const problem = problemWith(fd);
  if (problem === undefined) return;
  const remedy = "restart the unit that made it, such as 'systemctl restart NAME.socket'";
  throw new Error(`descriptor ${fd} of the service manager (LISTEN_FDS) ${problem}; ${remedy}`);
}

function problemWith(fd: number): string | undefined {
  try {
    return isListening(fd) ? undefined : `does not listen: ${addressText(getsockname(fd))}`;
  } catch (error) {
    return `is no listening socket: ${(error as Error).message}`;
  }
}

/** As node:net does it for a server, though once for the service: what a name means may change. */
async function numeric(flag: string, address: ListenAddress, pathOf: Surroundings['pathOf']): Promise<ListenAddress> {
  if ('path' in address) return isAbstract(address.path) ? address : { path: pathOf(address.path) };
  const { host, port } = address;
  if (host === undefined || isIP(host) !== 0) return address;
  try {
    return { host: (await lookup(host)).address, port };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`${flag}: host '${host}' is unknown (${code}); give a name or an address of this machine`, {
      cause,
    });
  }
}

function ownerOf(text: string): PathOwner {
  const [user, group] = text.split(':');
  return {
    ...(user && { uid: idOf('user', user, userId) }),
    ...(group && { gid: idOf('group', group, groupId) }),
  };
}

function idOf(kind: string, name: string, find: (name: string) => number | undefined): number {
  const id = find(name) ?? (/^\d+$/.test(name) ? Number(name) : undefined);
  if (id === undefined) throw new Error(`--socket-owner: there is no ${kind} '${name}' on this machine`);
  return id;
}
