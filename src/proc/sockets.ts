import { sockDiag } from '../posix/sock-diag.js';
import { groupBy } from '../util/group-by.js';
import { type Diagnosis, parseTcpAnswer, parseUnixAnswer, tcpRequest, unixRequest } from './diag.js';
import { type InetSocket, parseInet, parseUnix, type UnixSocket } from './net.js';
import type { Descriptor, Process } from './process.js';
import { readLink, readText } from './read.js';

/** The sockets of one network namespace. */
export interface Sockets {
  readonly byInode: ReadonlyMap<number, InetSocket | UnixSocket>;
  /** Established connections that no process has accepted yet. */
  readonly waiting: readonly InetSocket[];
  readonly listeners: readonly InetSocket[];
}

/** What sock_diag tells of this process's network namespace. */
export interface Answers {
  readonly tcp: readonly InetSocket[];
  /** By inode. */
  readonly diagnoses: ReadonlyMap<number, Diagnosis>;
}

/** @throws sock_diag's error */
export type Diagnose = () => Answers;

export interface NamespaceSockets extends Sockets {
  /** By inode; empty where sock_diag does not tell. */
  readonly diagnoses: ReadonlyMap<number, Diagnosis>;
  /** Why it does not: an error's code, or 'OTHER' for a namespace that is not this process's; null when it does. */
  readonly refusal: string | null;
}

export interface SocketHolder extends Pick<Process, 'pid' | 'network'> {
  readonly descriptors: readonly Pick<Descriptor, 'link'>[] | null;
}

/** Those of each process's own network namespace, which is read once. */
export function readSockets(
  processes: readonly SocketHolder[],
  ask: Diagnose = diagnose,
): Map<string, NamespaceSockets> {
  const readable = processes.filter(({ network, descriptors }) => network !== null && descriptors?.some(isSocket));
  const namespaces = groupBy(readable, ({ network }) => network as string);
  const own = readLink('/proc/self/ns/net');
  return new Map(
    [...namespaces].map(([name, members]) => {
      const { answers, refusal } = name === own ? attempt(ask) : { answers: undefined, refusal: 'OTHER' };
      const sockets = readNamespace(
        members.map(({ pid }) => pid),
        answers?.tcp,
      );
      return [name, { ...sockets, diagnoses: answers?.diagnoses ?? new Map(), refusal }];
    }),
  );
}

function attempt(ask: Diagnose): { readonly answers?: Answers; readonly refusal: string | null } {
  try {
    return { answers: ask(), refusal: null };
  } catch (error) {
    return { refusal: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

function diagnose(): Answers {
  const tcp = ([4, 6] as const).flatMap((version) => sockDiag(tcpRequest(version)).map(parseTcpAnswer));
  const all = [...tcp.map(({ diagnosis }) => diagnosis), ...sockDiag(unixRequest()).map(parseUnixAnswer)];
  return {
    tcp: tcp.map(({ socket }) => socket),
    diagnoses: new Map(all.filter(({ inode }) => inode !== 0).map((diagnosis) => [diagnosis.inode, diagnosis])),
  };
}

function isSocket({ link }: Pick<Descriptor, 'link'>): boolean {
  return link.kind === 'socket';
}

/** @param diagnosed what sock_diag tells at once; the text has a line for each socket in TIME_WAIT, too: often many. */
function readNamespace(pids: readonly number[], diagnosed: readonly InetSocket[] | undefined): Sockets {
  const read = (name: string) => firstText(pids.map((pid) => `/proc/${pid}/net/${name}`));
  const tcp = diagnosed ?? ['tcp', 'tcp6'].flatMap((name) => parseInet(read(name), 'tcp'));
  const udp = ['udp', 'udp6'].flatMap((name) => parseInet(read(name), 'udp'));
  return socketsOf([...tcp, ...udp, ...parseUnix(read('unix'))]);
}

/** A process may have ended meanwhile; the next one sees the same. */
function firstText(paths: readonly string[]): string {
  for (const path of paths) {
    const text = readText(path);
    if (text) return text;
  }
  return '';
}

export function socketsOf(sockets: readonly (InetSocket | UnixSocket)[]): Sockets {
  const tcp = sockets.filter((socket): socket is InetSocket => socket.protocol === 'tcp');
  return {
    byInode: new Map(sockets.filter(({ inode }) => inode !== 0).map((socket) => [socket.inode, socket])),
    waiting: tcp.filter(({ inode, state }) => inode === 0 && (state === 'ESTABLISHED' || state === 'CLOSE_WAIT')),
    listeners: tcp.filter(({ state }) => state === 'LISTEN'),
  };
}

/** The connections in a listener's queue; none where several listeners share the port and none can tell whose they are. */
export function waitingFor(listener: InetSocket, { waiting, listeners }: Sockets): InetSocket[] {
  const mine = (socket: InetSocket) => reaches(socket, listener);
  return waiting.filter((socket) => mine(socket) && listeners.filter((other) => reaches(socket, other)).length === 1);
}

function reaches(connection: InetSocket, { version, local }: InetSocket): boolean {
  const everywhere = local.address === (version === 4 ? '0.0.0.0' : '::');
  if (connection.version !== version || connection.local.port !== local.port) return false;
  return everywhere || connection.local.address === local.address;
}
