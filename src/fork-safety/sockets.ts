import type { ChildProcess } from 'node:child_process';
import { Socket as DatagramSocket } from 'node:dgram';
import { isPath } from '../net/destination.js';
import {
  activeHandles,
  channelDescriptorOf,
  descriptorOf,
  isAgents,
  type Owner,
  sharesAddress,
} from '../node/handles.js';
import { unreferencedStreams } from '../posix/unreferenced-streams.js';
import { childText } from './activity.js';
import { examinePiped, pipedChildren } from './child-pipes.js';
import type { Connects } from './connects.js';
import { type OpenSocket, openSockets } from './descriptors.js';
import { type Diagnostic, from } from './diagnostic.js';
import { byNativeCode, FIRST_IN_WORKER } from './native.js';
import type { Recording } from './resource-tracker.js';
import type { SocketUse } from './thread-reports.js';
import type { Threads } from './threads.js';

const OWN = 'close it in beforeFork and open it in afterFork (prefork/app)';
/** For a unix socket, such as a log's: what is written in one piece arrives in one piece, and nothing is read. */
const REFUSED_LOCAL = `${OWN}, start with --no-preload, or, if nothing is read from it, with --allow-shared-sockets`;
const CHANNEL =
  'start it in afterFork (prefork/app), when worker.slot is 0 if only one is to, or start with --no-preload';
/** Where it is another destination each time, it cannot be named. */
const AGAIN = `${OWN}, or start with --no-preload`;
const START_LATER = 'start the Worker in afterFork (prefork/app)';
const IN_WORKER = `${START_LATER}, or start with --no-preload`;
const SEVERED = `workers see it ended; ${OWN} if they need it`;
const DATAGRAMS = `each datagram reaches one of the workers; ${OWN} if each needs its own`;
const EXCLUSIVE = ', without reuseAddr: a reload cannot bind a fixed port again';
const SHARE = 'if its port is fixed, create it with reuseAddr: true, or stop and start the service for new code';

/** Who has a socket open, and what for. */
interface Opener {
  readonly use: SocketUse;
  readonly place: string | undefined;
  readonly destination?: string | undefined;
  /** The Worker, when it is not the main thread. */
  readonly by?: string | undefined;
  /** A datagram socket whose address another one cannot have at the same time. */
  readonly isExclusive?: boolean;
}

/** The sockets that a fork would share. */
export function examineSockets(
  recording: Recording,
  ignored: readonly number[],
  connects?: Connects,
  threads?: Threads,
): Diagnostic[] {
  const active = byDescriptor(activeHandles());
  const idle = byDescriptor(unreferencedStreams());
  const pipes = new Set(recording.children.flatMap(descriptorsOf));
  const channels = new Map(recording.children.map((child) => [channelDescriptorOf(child), child]));
  const sockets = openSockets();
  const isKnown = ({ fd }: OpenSocket) => active.has(fd) || idle.has(fd) || pipes.has(fd) || ignored.includes(fd);
  const children = pipedChildren(sockets.filter((socket) => !isKnown(socket)));
  const piped = new Set(children.flatMap((child) => child.sockets));
  const findings = sockets.flatMap((socket): Diagnostic[] => {
    if (piped.has(socket)) return [];
    const { fd } = socket;
    const handle = active.get(fd) ?? idle.get(fd);
    if (ignored.includes(fd) || pipes.has(fd)) return [];
    const opener = handle ? mainThread(handle, idle.has(fd)) : threads?.socket(socket.inode);
    if (opener?.use === 'agents') return [];
    const child = channels.get(fd);
    if (child !== undefined) return [channel(socket, child, recording.placeOf(child))];
    if (socket.type === 'datagram') return [datagram(socket, opener)];
    if (opener === undefined) return [native(socket)];
    if (opener.use === 'idle') return [severed(socket, opener)];
    const finding = refused(socket, opener);
    return [connects?.isOn ? { ...finding, remedy: opener.by === undefined ? AGAIN : IN_WORKER } : finding];
  });
  return [...findings, ...children.map(examinePiped)];

  function mainThread(handle: Owner, isIdle: boolean): Opener {
    const use = isIdle ? (isAgents(handle) ? 'agents' : 'idle') : 'active';
    const isExclusive = handle instanceof DatagramSocket && !sharesAddress(handle);
    return { use, place: recording.placeOf(handle), destination: connects?.destinationOf(handle), isExclusive };
  }
}

function refused({ fd, peer = '', isLocal }: OpenSocket, { place, destination, by }: Opener): Diagnostic {
  const message = `fd ${fd} is connected to ${peer}${from('opened', place, by)}`;
  return {
    kind: 'socket',
    severity: 'refusal',
    message,
    remedy: remedyFor(destination, isLocal, by !== undefined),
    fd,
    peer,
    destination,
    place,
  };
}

/** A socket without a destination was not opened by connect(): it may be one that others can use as well. */
function remedyFor(destination: string | undefined, isLocal: boolean, inWorker: boolean): string {
  if (destination === undefined) return inWorker ? IN_WORKER : isLocal ? REFUSED_LOCAL : AGAIN;
  const target = isPath(destination) && !destination.includes('/') ? `unix:${destination}` : destination;
  return `${inWorker ? START_LATER : OWN}, start with --no-preload, or with --hold-connects ${target}`;
}

function channel({ fd, peer }: OpenSocket, child: ChildProcess, place: string | undefined): Diagnostic {
  const message = `fd ${fd} is the IPC channel of ${childText(child)}${from('started', place)}`;
  return { kind: 'socket', severity: 'refusal', message, remedy: CHANNEL, fd, peer, place };
}

function native({ fd, peer = '' }: OpenSocket): Diagnostic {
  const message = `fd ${fd} is connected to ${peer} ${byNativeCode()}`;
  return { kind: 'socket', severity: 'refusal', message, remedy: FIRST_IN_WORKER, fd, peer };
}

function severed({ fd, peer = '' }: OpenSocket, { place, by }: Opener): Diagnostic {
  const message = `fd ${fd} is connected to ${peer}${from('opened', place, by)}, unreferenced`;
  return { kind: 'socket', severity: 'warning', message, remedy: SEVERED, fd, peer, place };
}

function datagram({ fd, peer, bound }: OpenSocket, opener: Opener | undefined): Diagnostic {
  const { place, by, isExclusive } = opener ?? {};
  const where = peer === undefined ? `bound to ${bound}` : `connected to ${peer}`;
  const warns = isExclusive && peer === undefined;
  const message = `fd ${fd} is a datagram socket ${where}${from('opened', place, by)}${warns ? EXCLUSIVE : ''}`;
  const remedy = peer !== undefined ? SEVERED : warns ? `${SHARE}; ${DATAGRAMS}` : DATAGRAMS;
  return { kind: 'datagram', severity: 'warning', message, remedy, fd, peer, place };
}

function byDescriptor(handles: readonly Owner[]): Map<number, Owner> {
  return new Map(
    handles.flatMap((handle) => {
      const fd = descriptorOf(handle);
      return fd === undefined ? [] : [[fd, handle]];
    }),
  );
}

/** A child process's pipes, which Node makes of sockets: they are told with the child. */
function descriptorsOf({ stdio }: ChildProcess): number[] {
  // Undefined when it has just been spawned.
  return stdio?.flatMap((stream) => (stream && descriptorOf(stream)) ?? []) ?? [];
}
