import type { Identified } from './descriptions.js';
import { type DescriptionView, endpointText, type Holder, type SocketView } from './inspection.js';
import type { Diagnosis } from './proc/diag.js';
import { type FdInfo, flagNames, O_CLOEXEC } from './proc/fdinfo.js';
import type { InetSocket, UnixSocket } from './proc/net.js';
import type { Descriptor } from './process.js';
import type { Servers } from './servers.js';
import { type NamespaceSockets, waitingFor } from './sockets.js';

/** Of so many descriptors at most that an epoll instance watches, the label tells. */
const WATCHED = 8;
const WITH_OFFSET = ['file', 'memfd'];
const WITHOUT_FILE = ['epoll', 'eventfd', 'timerfd', 'signalfd', 'inotify'];

/** What is known beside the description itself. */
export interface Surroundings {
  /** Of its holders' namespace; undefined where they could not be read. */
  readonly sockets: NamespaceSockets | undefined;
  readonly servers: Servers;
  /** The descriptors that mean a socket, by its inode. */
  readonly holders: ReadonlyMap<number, readonly Descriptor[]>;
}

/** An open file description in words and numbers. */
export function describe(identified: Identified, surroundings: Surroundings): DescriptionView {
  const { link, info } = identified.descriptors[0] as Descriptor;
  const socket = link.kind === 'socket' ? surroundings.sockets?.byInode.get(Number(link.name)) : undefined;
  const view = socket && viewOf(socket, surroundings);
  return {
    kind: socket?.protocol ?? link.kind,
    label: socket && view ? socketLabel(socket, view, surroundings) : plainLabel(link, info),
    holders: identified.descriptors.map(holderOf),
    proof: identified.proof,
    object: link.name === '' || info.inode === null ? null : `${info.mount}:${info.inode}`,
    flags: info.flags === null ? [] : flagNames(info.flags & ~O_CLOEXEC),
    offset: WITH_OFFSET.includes(link.kind) ? info.offset : null,
    socket: view ?? null,
  };
}

function holderOf({ pid, fd, info: { flags } }: Descriptor): Holder {
  return { pid, fd, closeOnExec: flags === null ? null : (flags & O_CLOEXEC) !== 0 };
}

function viewOf(socket: InetSocket | UnixSocket, { sockets, servers, holders }: Surroundings): SocketView {
  const diagnosis = sockets?.diagnoses.get(socket.inode);
  const peerInode = diagnosis?.peer ?? null;
  const common = { state: socket.state, local: localText(socket), inode: socket.inode, peerInode };
  const peer = socket.protocol === 'unix' ? null : socket.peer && endpointText(socket.peer);
  const ends = {
    ...common,
    peer,
    peerHolders: (holders.get(peerInode ?? 0) ?? []).map(({ pid, fd }) => ({ pid, fd })),
  };
  const known = servers.listeners.find(({ address }) => address === common.local);
  const received = diagnosis?.receiveQueue ?? (socket.protocol === 'unix' ? undefined : socket.receiveQueue);
  if (socket.state !== 'LISTEN') {
    const sendQueue = socket.protocol === 'unix' ? null : socket.sendQueue;
    return { ...ends, receiveQueue: received ?? null, sendQueue, queued: null, backlog: null, waiting: [] };
  }
  const queued = received ?? known?.queued ?? null;
  const waiting = clientsOf(socket, sockets, diagnosis);
  return {
    ...ends,
    receiveQueue: null,
    sendQueue: null,
    queued,
    backlog: diagnosis?.backlog ?? known?.backlog ?? null,
    waiting,
  };
}

function localText(socket: InetSocket | UnixSocket): string {
  return socket.protocol === 'unix' ? socket.path : endpointText(socket.local);
}

/** Who waits at a listening socket. */
function clientsOf(
  socket: InetSocket | UnixSocket,
  sockets: NamespaceSockets | undefined,
  diagnosis: Diagnosis | undefined,
): string[] {
  if (socket.protocol === 'unix') return (diagnosis?.waiting ?? []).map((inode) => `inode ${inode}`);
  const clients = sockets === undefined ? [] : waitingFor(socket, sockets);
  return clients.flatMap(({ peer }) => (peer ? endpointText(peer) : []));
}

function socketLabel(socket: InetSocket | UnixSocket, view: SocketView, { servers }: Surroundings): string {
  const { local, peer, state } = view;
  if (socket.protocol !== 'unix') return `${socket.protocol} ${local} ${state}${peer === null ? '' : `, peer ${peer}`}`;
  const held = view.peerHolders.length > 0;
  const name = local || (held ? '' : `(inode ${socket.inode})`);
  const end = view.peerInode === null ? '' : `↔ ${otherEnd(view, servers)}`;
  return ['unix', socket.type, name, state, end].filter(Boolean).join(' ');
}

/** The other end of a unix socket: '3 of 7176 (worker 0)'. */
function otherEnd({ peerInode, peerHolders: [first, ...others] }: SocketView, { roles }: Servers): string {
  if (peerInode === 0) return 'not accepted yet';
  if (first === undefined) return `inode ${peerInode}, outside`;
  const role = roles.get(first.pid);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first.fd} of ${first.pid}${role === undefined ? '' : ` (${role})`}${more}`;
}

function plainLabel({ kind, name }: Descriptor['link'], info: FdInfo): string {
  if (kind === 'epoll') return `epoll${watchedText(info.watched)}`;
  if (kind === 'eventfd') return `eventfd${info.count === null ? '' : `, count ${info.count}`}`;
  if (kind === 'pidfd') return `pidfd${info.pid === null ? '' : ` of process ${info.pid}`}`;
  if (kind === 'pipe') return `pipe ${name}, ${((info.flags ?? 0) & 3) === 0 ? 'reading' : 'writing'} end`;
  return name === '' ? kind : `${kind} ${name}`;
}

function watchedText(watched: FdInfo['watched']): string {
  if (watched.length === 0) return '';
  const shown = watched.slice(0, WATCHED).map(({ fd, exclusive }) => `${fd}${exclusive ? ' (exclusive)' : ''}`);
  const more = watched.length > WATCHED ? ` and ${watched.length - WATCHED} more` : '';
  return ` of ${shown.join(', ')}${more}`;
}

/** What many hold comes first; of that sockets, then files, then what a process has for itself. */
export function ordered(descriptions: readonly DescriptionView[], pids: readonly number[]): DescriptionView[] {
  const place = new Map(pids.map((pid, index) => [pid, index]));
  const keys = new Map(
    descriptions.map((description) => {
      const [first] = description.holders;
      const held = new Set(description.holders.map(({ pid }) => pid)).size;
      const rank = description.socket !== null ? 0 : isInner(description) ? 2 : 1;
      return [description, [-held, rank, place.get(first?.pid ?? 0) ?? 0, first?.fd ?? 0]] as const;
    }),
  );
  return descriptions.toSorted((a, b) => compareKeys(keys.get(a) ?? [], keys.get(b) ?? []));
}

/** What a run time has for itself: it leads to nothing outside of the process. */
export function isInner({ kind, holders }: DescriptionView): boolean {
  const alone = new Set(holders.map(({ pid }) => pid)).size === 1;
  return alone && (WITHOUT_FILE.includes(kind) || kind === 'pipe');
}

function compareKeys(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
