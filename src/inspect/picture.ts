import { groupBy } from '../util/group-by.js';
import { isInner } from './describe.js';
import type { DescriptionView, Inspection, ProcessView, SocketView } from './inspection.js';
import { queueText, type ShowOptions } from './text.js';

/** Processes, their descriptors, open file descriptions, and what these are open on: what both pictures show. */
export interface Picture {
  readonly processes: readonly PicturedProcess[];
  readonly descriptions: readonly PicturedDescription[];
  readonly objects: readonly PicturedObject[];
  /** What is left out, and what could not be seen, each in a sentence. */
  readonly notes: readonly string[];
}

export interface PicturedProcess {
  readonly pid: number;
  readonly title: string;
  /** The descriptors of the drawn descriptions, each by its place. */
  readonly descriptors: readonly { readonly fd: number; readonly description: number }[];
}

export interface PicturedDescription {
  readonly flags: string;
  readonly mark: Mark;
  /** The object's place. */
  readonly object: number;
}

/** A socket, a file, a pipe, a pair of connected unix sockets. */
export interface PicturedObject {
  readonly label: string;
  /** What stands below the label; may be empty. */
  readonly more: string;
  readonly mark: Mark;
}

/** What the eye is led to: one end of a pair of unix sockets, or else a socket that several processes hold. */
export type Mark = 'channel' | 'shared' | undefined;

/** More would be a picture of nothing. */
const MAX_BOXES = 300;

export function pictureOf({ processes, descriptions, notes }: Inspection, { all = false }: ShowOptions = {}): Picture {
  const wanted = all ? descriptions : descriptions.filter((description) => !isInner(description));
  const drawn = wanted.slice(0, MAX_BOXES);
  const objects = groupBy(drawn, objectKey);
  const names = new Map(processes.map(({ pid, role }) => [pid, role ?? `${pid}`]));
  const places = new Map([...objects.keys()].map((key, place) => [key, place]));
  return {
    descriptions: drawn.map((description) => pictured(description, places.get(objectKey(description)) ?? 0)),
    processes: processes.map((process) => withDescriptors(process, drawn)),
    objects: [...objects.values()].map((group) => picturedObject(group, names)),
    notes: [...omission(descriptions.length - wanted.length, wanted.length - drawn.length), ...notes],
  };
}

function pictured(description: DescriptionView, object: number): PicturedDescription {
  const { flags, offset } = description;
  return {
    flags: [...flags, ...(offset ? [`offset ${offset}`] : [])].join(' '),
    mark: markOf(description),
    object,
  };
}

function markOf({ socket, holders }: DescriptionView): Mark {
  if (socket === null) return undefined;
  if (isPaired(socket)) return 'channel';
  return new Set(holders.map(({ pid }) => pid)).size > 1 ? 'shared' : undefined;
}

/** What a description is open on: the two ends of a pipe on one object, and so those of a pair of unix sockets. */
function objectKey(description: DescriptionView): string | DescriptionView {
  const { object, socket } = description;
  return socket && isPaired(socket) ? pairOf(socket) : (object ?? description);
}

function isPaired({ peerHolders }: SocketView): boolean {
  return peerHolders.length > 0;
}

function pairOf({ inode, peerInode }: SocketView): string {
  return [inode, peerInode ?? 0].sort((a, b) => a - b).join(' ↔ ');
}

function picturedObject(descriptions: readonly DescriptionView[], names: ReadonlyMap<number, string>): PicturedObject {
  const [first] = descriptions as [DescriptionView];
  const queues = new Set(descriptions.map(({ socket }) => (socket === null ? '' : queueText(socket))).filter(Boolean));
  const mark = descriptions.map(markOf).find((mark) => mark !== undefined);
  if (first.socket === null || !isPaired(first.socket)) {
    return { label: withoutEnd(first.label), more: [...queues].join(', '), mark };
  }
  const path = descriptions.map(({ socket }) => socket?.local).find(Boolean);
  const ends = [first.holders, first.socket.peerHolders].map((holders) => {
    return [...new Set(holders.map(({ pid }) => names.get(pid) ?? `${pid}`))].join(', ');
  });
  const label = `unix ${path === undefined ? '' : `${path}, `}${ends.join(' ↔ ')}`;
  return { label, more: [`sockets ${pairOf(first.socket)}`, ...queues].join(', '), mark };
}

/** Both ends of a pipe are open on the same object. */
function withoutEnd(label: string): string {
  return label.replace(/^(pipe \d+), (?:reading|writing) end$/, '$1');
}

function withDescriptors({ pid, role, command }: ProcessView, drawn: readonly DescriptionView[]): PicturedProcess {
  const descriptors = drawn.flatMap(({ holders }, description) =>
    holders.filter((holder) => holder.pid === pid).map(({ fd }) => ({ fd, description })),
  );
  return { pid, title: role ?? command, descriptors: descriptors.sort((a, b) => a.fd - b.fd) };
}

function omission(inner: number, beyond: number): string[] {
  const parts = [
    ...(inner === 0 ? [] : [`${inner} that a process has for itself (epoll, eventfd, pipe …)`]),
    ...(beyond === 0 ? [] : [`${beyond} more`]),
  ];
  return parts.length === 0 ? [] : [`not shown: ${parts.join(', ')}`];
}
