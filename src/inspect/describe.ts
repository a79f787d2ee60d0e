import { type FdInfo, flagNames, O_CLOEXEC } from '../proc/fdinfo.js';
import type { Descriptor } from '../proc/process.js';
import type { Identified } from './descriptions.js';
import type { DescriptionView, Holder } from './inspection.js';
import { type Surroundings, socketLabel, viewSocket } from './socket-view.js';

/** How many descriptors that an epoll instance watches the label names. */
const WATCHED = 8;
const WITH_OFFSET = ['file', 'memfd'];
const WITHOUT_FILE = ['epoll', 'eventfd', 'timerfd', 'signalfd', 'inotify'];

/** An open file description in words and numbers. */
export function describe(identified: Identified, surroundings: Surroundings): DescriptionView {
  const { link, info } = identified.descriptors[0] as Descriptor;
  const socket = link.kind === 'socket' ? surroundings.sockets?.byInode.get(Number(link.name)) : undefined;
  const view = socket && viewSocket(socket, identified.descriptors, surroundings);
  return {
    kind: socket?.protocol ?? link.kind,
    label: socket && view ? socketLabel(socket, view, surroundings.servers) : plainLabel(link, info),
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

function plainLabel({ kind, name }: Descriptor['link'], info: FdInfo): string {
  if (kind === 'epoll') return `epoll${watchedText(info.watched)}`;
  if (kind === 'eventfd') return `eventfd${info.count === null ? '' : `, count ${info.count}`}`;
  if (kind === 'pidfd') return `pidfd${info.pid === null ? '' : ` of process ${info.pid}`}`;
  if (kind === 'pipe') return `pipe ${name}, ${((info.flags ?? 0) & 3) === 0 ? 'reading' : 'writing'} end`;
  return name === '' ? kind : `${kind} ${name}`;
}

function watchedText(watched: FdInfo['watched']): string {
  if (watched.length === 0) return '';
  const sorted = watched.toSorted((a, b) => a.fd - b.fd);
  const shown = sorted.slice(0, WATCHED).map(({ fd, exclusive }) => `${fd}${exclusive ? ' (exclusive)' : ''}`);
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
