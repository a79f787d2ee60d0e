import type { ChildProcess } from 'node:child_process';
import type { ConnectHook } from '../app/connect-hook.js';
import { isPath } from '../net/destination.js';
import { childText } from './activity.js';
import { examinePiped, pipedChildren } from './child-pipes.js';
import { type OpenSocket, openSockets } from './descriptors.js';
import { type Finding, from } from './diagnostic.js';
import { activeHandles, descriptorOf, type Handle, isAgents, unreferencedStreams } from './handles.js';
import { byNativeCode, FIRST_IN_WORKER } from './native.js';
import type { Recording } from './resource-tracker.js';

const OWN = 'close it in beforeFork and open it in afterFork (prefork/app)';
/** Of the unix domain, such as a log's: what is written in one piece arrives in one piece, and nothing is read. */
const REFUSED_LOCAL = `${OWN}, start with --no-preload, or, if nothing is read from it, with --allow-shared-sockets`;
const CHANNEL =
  'start it in afterFork (prefork/app), when worker.slot is 0 if only one is to, or start with --no-preload';
/** Where it is another destination each time, it cannot be named. */
const AGAIN = `${OWN}, or start with --no-preload`;
const SEVERED = `workers see it ended; ${OWN} if they need it`;
const DATAGRAMS = `each datagram reaches one of the workers; ${OWN} if each needs its own`;

/** The sockets that a fork would share. */
export function examineSockets(recording: Recording, ignored: readonly number[], connects?: ConnectHook): Finding[] {
  const active = byDescriptor(activeHandles());
  const idle = byDescriptor(unreferencedStreams());
  const pipes = new Set(recording.children.flatMap(descriptorsOf));
  const channels = new Map(recording.children.map((child) => [channelOf(child), child]));
  const sockets = openSockets();
  const isKnown = ({ fd }: OpenSocket) => active.has(fd) || idle.has(fd) || pipes.has(fd) || ignored.includes(fd);
  const children = pipedChildren(sockets.filter((socket) => !isKnown(socket)));
  const piped = new Set(children.flatMap((child) => child.sockets));
  const findings = sockets.flatMap((socket): Finding[] => {
    if (piped.has(socket)) return [];
    const { fd } = socket;
    const handle = active.get(fd) ?? idle.get(fd);
    if (ignored.includes(fd) || pipes.has(fd) || (handle && idle.has(fd) && isAgents(handle))) return [];
    const place = handle && recording.placeOf(handle);
    const child = channels.get(fd);
    if (child !== undefined) return [channel(socket, child, recording.placeOf(child))];
    if (socket.type === 'datagram') return [datagram(socket, place)];
    if (idle.has(fd)) return [severed(socket, place)];
    if (handle === undefined) return [native(socket)];
    const finding = refused(socket, place, connects?.destinationOf(handle));
    return [connects?.isOn ? { ...finding, remedy: AGAIN } : finding];
  });
  return [...findings, ...children.map(examinePiped)];
}

function refused(
  { fd, peer = '', isLocal }: OpenSocket,
  place: string | undefined,
  destination: string | undefined,
): Finding {
  const message = `fd ${fd} is connected to ${peer}${from('opened', place)}`;
  return {
    kind: 'socket',
    severity: 'refusal',
    message,
    remedy: remedyFor(destination, isLocal),
    fd,
    peer,
    destination,
    place,
  };
}

/** A socket without a destination was not opened by connect(): it may be one that others can use as well. */
function remedyFor(destination: string | undefined, isLocal: boolean): string {
  if (destination === undefined) return isLocal ? REFUSED_LOCAL : AGAIN;
  const target = isPath(destination) && !destination.includes('/') ? `unix:${destination}` : destination;
  return `${OWN}, start with --no-preload, or with --hold-connects ${target}`;
}

function channel({ fd, peer }: OpenSocket, child: ChildProcess, place: string | undefined): Finding {
  const message = `fd ${fd} is the IPC channel of ${childText(child)}${from('started', place)}`;
  return { kind: 'socket', severity: 'refusal', message, remedy: CHANNEL, fd, peer, place };
}

function native({ fd, peer = '' }: OpenSocket): Finding {
  const message = `fd ${fd} is connected to ${peer} ${byNativeCode()}`;
  return { kind: 'socket', severity: 'refusal', message, remedy: FIRST_IN_WORKER, fd, peer };
}

function severed({ fd, peer = '' }: OpenSocket, place: string | undefined): Finding {
  const message = `fd ${fd} is connected to ${peer}${from('opened', place)}, unreferenced`;
  return { kind: 'socket', severity: 'warning', message, remedy: SEVERED, fd, peer, place };
}

function datagram({ fd, peer }: OpenSocket, place: string | undefined): Finding {
  const message = `fd ${fd} is a datagram socket${peer ? ` connected to ${peer}` : ''}${from('opened', place)}`;
  const remedy = peer === undefined ? DATAGRAMS : SEVERED;
  return { kind: 'datagram', severity: 'warning', message, remedy, fd, peer, place };
}

function byDescriptor(handles: readonly Handle[]): Map<number, Handle> {
  return new Map(
    handles.flatMap((handle) => {
      const fd = descriptorOf(handle);
      return fd === undefined ? [] : [[fd, handle]];
    }),
  );
}

/** Of a child process that child_process.fork() has started. */
function channelOf({ channel }: ChildProcess): number | undefined {
  return (channel as { readonly fd?: number } | null | undefined)?.fd;
}

/** A child process's pipes, which Node makes of sockets: they are told with the child. */
function descriptorsOf({ stdio }: ChildProcess): number[] {
  // Undefined when it has just been spawned.
  return stdio?.flatMap((stream) => (stream && descriptorOf(stream)) ?? []) ?? [];
}
