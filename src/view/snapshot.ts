import { readlinkSync } from 'node:fs';
import { type Compare, identify } from '../inspect/descriptions.js';
import { endpointText } from '../inspect/inspection.js';
import { kcmp } from '../posix/index.js';
import { sockDiag } from '../posix/sock-diag.js';
import { parseTcpAnswer, tcpRequest } from '../proc/diag.js';
import { parseFdInfo } from '../proc/fdinfo.js';
import { parseLink } from '../proc/link.js';
import type { InetSocket } from '../proc/net.js';
import { type Descriptor, readStat } from '../proc/process.js';
import { readLink, readNumbers, readText } from '../proc/read.js';
import { type NamespaceSockets, readSockets, waitingFor } from '../proc/sockets.js';
import { parseSyscall, parseWchan } from '../proc/syscall.js';
import { readParents, treeOf } from '../proc/tree.js';
import { groupBy } from '../util/group-by.js';
import type { Figure, FigureConnection, FigureListener, FigureProcess } from './figure.js';

const NO_INFO = parseFdInfo('');

interface Seen {
  readonly process: FigureProcess;
  /** Its sockets; null where they may not be read. */
  readonly sockets: readonly Descriptor[] | null;
  readonly network: string | null;
}

/**
 * Looks at process trees as inspect does, but only at what changes all the time: states, main threads, TCP sockets.
 * Memory, other threads and other descriptors are left out, so that it costs little enough for five times a second.
 */
export function takeFigure(roots: readonly number[], compare: Compare = kcmp): Figure {
  const seen = treeOf(roots, readParents()).flatMap((pid) => look(pid) ?? []);
  const holders = seen.map(({ process: { pid }, network, sockets }) => ({ pid, network, descriptors: sockets }));
  const namespaces = readSockets(holders, diagnoseTcp);
  const networks = new Map(seen.map(({ process: { pid }, network }) => [pid, network ?? '']));
  const listeners: FigureListener[] = [];
  const connections: FigureConnection[] = [];
  const all = seen.flatMap(({ sockets }) => sockets ?? []);
  for (const held of groupBy(all, ({ link }) => link.name).values()) {
    const [first] = held as [Descriptor];
    const known = namespaces.get(networks.get(first.pid) ?? '');
    const socket = known?.byInode.get(Number(first.link.name));
    if (known === undefined || socket?.protocol !== 'tcp') continue;
    if (socket.state === 'LISTEN') listeners.push(...listenersOf(socket, held, known, compare));
    else if (socket.peer !== null) connections.push(connectionOf(socket, held));
  }
  const ports = new Set(listeners.map(({ address }) => portOf(address)));
  return {
    time: Date.now(),
    processes: seen.map(({ process }) => process),
    listeners,
    connections: connections.filter(({ local }) => ports.has(portOf(local))),
    notes: notesOf(seen, listeners),
  };
}

function look(pid: number): Seen | undefined {
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  const { state, parent, startTime: start, name } = stat;
  const folder = `/proc/${pid}/task/${pid}`;
  const waitsIn =
    parseSyscall(readText(`${folder}/syscall`) || '') ?? parseWchan(readText(`${folder}/wchan`) || '') ?? null;
  const process = { pid, start, parent, name: name.toString('latin1'), state, waitsIn };
  return { process, sockets: readSocketsOf(pid), network: readLink(`/proc/${pid}/ns/net`) ?? null };
}

function readSocketsOf(pid: number): Descriptor[] | null {
  const numbers = readNumbers(`/proc/${pid}/fd`);
  if (numbers === null) return null;
  return (numbers ?? []).flatMap((fd) => {
    const link = readSocketLink(`/proc/${pid}/fd/${fd}`);
    return link === undefined ? [] : [{ pid, fd, link: parseLink(link), info: NO_INFO }];
  });
}

/** A socket's link needs none of the care that a path's does; there are hundreds for each look. */
function readSocketLink(path: string): string | undefined {
  try {
    const link = readlinkSync(path, 'latin1');
    return link.startsWith('socket:') ? link : undefined;
  } catch {
    return undefined; // Closed meanwhile.
  }
}

function diagnoseTcp() {
  const tcp = ([4, 6] as const).flatMap((version) => sockDiag(tcpRequest(version)).map(parseTcpAnswer));
  return {
    tcp: tcp.map(({ socket }) => socket),
    diagnoses: new Map(tcp.map(({ diagnosis }) => [diagnosis.inode, diagnosis])),
  };
}

/** One for each open file description; usually all holders have the same. */
function listenersOf(
  socket: InetSocket,
  held: readonly Descriptor[],
  known: NamespaceSockets,
  compare: Compare,
): FigureListener[] {
  return identify(held, compare).groups.map(({ descriptors, proof }) => ({
    address: endpointText(socket.local),
    inode: socket.inode,
    holders: descriptors.map(({ pid, fd }) => ({ pid, fd })),
    proof,
    queued: socket.receiveQueue,
    backlog: known.diagnoses.get(socket.inode)?.backlog ?? null,
    waiting: waitingFor(socket, known).flatMap(({ peer }) => (peer === null ? [] : [endpointText(peer)])),
  }));
}

function connectionOf({ local, peer, inode }: InetSocket, held: readonly Descriptor[]): FigureConnection {
  return {
    local: endpointText(local),
    peer: peer === null ? '' : endpointText(peer),
    inode,
    holders: held.map(({ pid, fd }) => ({ pid, fd })),
  };
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function notesOf(seen: readonly Seen[], listeners: readonly FigureListener[]): string[] {
  const hidden = seen.filter(({ sockets }) => sockets === null).map(({ process: { pid } }) => pid);
  const mute = seen.filter(({ process: { waitsIn, state } }) => waitsIn === null && state === 'sleeping');
  return [
    ...(hidden.length === 0 ? [] : [`The descriptors of ${hidden.join(', ')} may not be read.`]),
    ...(mute.length === 0
      ? []
      : [`What ${mute.map(({ process: { pid } }) => pid).join(', ')} wait in may not be read.`]),
    ...(listeners.some(({ proof }) => proof === 'inode')
      ? ['kcmp(2) is refused: only the inode says that the descriptors mean the same.']
      : []),
  ];
}
