import { addressText } from '../net/address.js';
import type { Diagnosis } from '../proc/diag.js';
import type { InetSocket, UnixSocket } from '../proc/net.js';
import type { Descriptor } from '../proc/process.js';
import { type NamespaceSockets, waitingFor } from '../proc/sockets.js';
import type { SocketView } from './inspection.js';
import type { Servers } from './servers.js';

/** What is known beside the description itself. */
export interface Surroundings {
  /** The sockets of its holders' namespace; undefined where they could not be read. */
  readonly sockets: NamespaceSockets | undefined;
  readonly servers: Servers;
  /** The descriptors that mean a socket, by its inode. */
  readonly holders: ReadonlyMap<number, readonly Descriptor[]>;
}

type Queues = Pick<SocketView, 'receiveQueue' | 'sendQueue' | 'queued' | 'backlog' | 'waiting'>;

/** A socket in words and numbers. @param own the descriptors that mean it */
export function viewSocket(
  socket: InetSocket | UnixSocket,
  own: readonly Descriptor[],
  surroundings: Surroundings,
): SocketView {
  const diagnosis = surroundings.sockets?.diagnoses.get(socket.inode);
  const peerInode = diagnosis?.peer ?? null;
  return {
    state: socket.state,
    local: socket.protocol === 'unix' ? socket.path : addressText(socket.local),
    peer: socket.protocol === 'unix' || socket.peer === null ? null : addressText(socket.peer),
    inode: socket.inode,
    peerInode,
    peerClosed: peerInode === 0 && diagnosis?.closed === true,
    peerHolders: peersOf(surroundings.holders.get(peerInode ?? 0) ?? [], own),
    ...(socket.state === 'LISTEN'
      ? listenerQueues(socket, diagnosis, surroundings)
      : { ...bytesQueued(socket, diagnosis), queued: null, backlog: null, waiting: [] }),
  };
}

/** Peers whose process does not hold both ends come first: they are who it talks to. */
function peersOf(peers: readonly Descriptor[], own: readonly Descriptor[]): SocketView['peerHolders'] {
  const both = new Set(own.map(({ pid }) => pid));
  const sorted = peers.toSorted((a, b) => Number(both.has(a.pid)) - Number(both.has(b.pid)));
  return sorted.map(({ pid, fd }) => ({ pid, fd }));
}

function bytesQueued(
  socket: InetSocket | UnixSocket,
  diagnosis: Diagnosis | undefined,
): Pick<Queues, 'receiveQueue' | 'sendQueue'> {
  if (socket.protocol === 'unix') return { receiveQueue: diagnosis?.receiveQueue ?? null, sendQueue: null };
  return { receiveQueue: socket.receiveQueue, sendQueue: socket.sendQueue };
}

/** Where sock_diag does not tell, a prefork server's scoreboard may. */
function listenerQueues(
  socket: InetSocket | UnixSocket,
  diagnosis: Diagnosis | undefined,
  { sockets, servers }: Surroundings,
): Queues {
  const address = socket.protocol === 'unix' ? socket.path : addressText(socket.local);
  const known = servers.listeners.find((listener) => listener.address === address);
  const common = { receiveQueue: null, sendQueue: null, backlog: diagnosis?.backlog ?? known?.backlog ?? null };
  if (socket.protocol === 'unix') {
    const waiting = (diagnosis?.waiting ?? []).map((inode) => `inode ${inode}`);
    return { ...common, queued: diagnosis?.receiveQueue ?? known?.queued ?? null, waiting };
  }
  const clients = sockets === undefined ? [] : waitingFor(socket, sockets);
  const waiting = clients.flatMap(({ peer }) => (peer ? addressText(peer) : []));
  return { ...common, queued: socket.receiveQueue, waiting };
}

export function socketLabel(socket: InetSocket | UnixSocket, view: SocketView, servers: Servers): string {
  const { local, peer, peerInode, peerHolders, state } = view;
  if (socket.protocol !== 'unix') return `${socket.protocol} ${local} ${state}${peer === null ? '' : `, peer ${peer}`}`;
  const name = local || (peerHolders.length > 0 ? '' : `(inode ${socket.inode})`);
  const end = peerInode === null ? '' : `↔ ${otherEnd(view, servers)}`;
  return ['unix', socket.type, name, state, end].filter(Boolean).join(' ');
}

/** The other end of a unix socket: '3 of 7176 (worker 0)'. */
function otherEnd({ peerInode, peerClosed, peerHolders }: SocketView, { roles }: Servers): string {
  const [first, ...others] = peerHolders;
  if (peerInode === 0) return peerClosed ? 'closed' : 'not accepted yet';
  if (first === undefined) return `inode ${peerInode}, outside`;
  const role = roles.get(first.pid);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first.fd} of ${first.pid}${role === undefined ? '' : ` (${role})`}${more}`;
}
