import { columnsOf, cut } from '../util/columns.js';
import { groupBy } from '../util/group-by.js';
import { mebibytes } from '../util/quantities.js';
import { isInner } from './describe.js';
import type { DescriptionView, Inspection, ProcessView, SocketView } from './inspection.js';

export interface ShowOptions {
  /** Also what a process has for itself alone: its eventfds, epoll instances, timers and pipes. */
  readonly all?: boolean;
}

type Align = 'left' | 'right';

/** How many characters of a command line the tree shows. */
const COMMAND = 40;
/** How many of one process's descriptors for the same description are named. */
const NAMED = 3;
/** How many of the clients that wait in a queue are named. */
const WAITING = 4;

/** For a terminal: the tree of processes, and one table of what they hold. */
export function renderText(inspection: Inspection, { all = false }: ShowOptions = {}): string {
  const { descriptions, processes } = inspection;
  const wanted = all ? descriptions : descriptions.filter((description) => !isInner(description));
  const inner = descriptions.length - wanted.length;
  const notes = [
    ...(inner === 0 ? [] : [`and ${inner} that a process has for itself (epoll, eventfd, pipe …): --all shows them`]),
    ...inspection.notes.map((note) => `! ${note}`),
  ];
  const held = wanted.length === 0 ? [] : ['', ...holdings(processes, wanted)];
  return `${[...treeTable(processes), ...held, ...notes].join('\n')}\n`;
}

function treeTable(processes: readonly ProcessView[]): string[] {
  const branches = branchesOf(processes);
  const rows = processes.map((process, index) => [
    `${branches[index]}${process.pid}`,
    process.role ?? clipped(process.command),
    process.state,
    String(process.threads.length),
    mebibytes(process.rss),
    mebibytes(process.pss ?? undefined),
    mebibytes(process.private ?? undefined),
    waits(process),
  ]);
  const head = ['PROCESS', 'ROLE', 'STATE', 'THREADS', 'RSS', 'PSS', 'PRIVATE', 'WAITS IN'];
  return table([head, ...rows], ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'left']);
}

/** What stands before each process's id: '│  ├─ '. */
export function branchesOf(processes: readonly { readonly pid: number; readonly parent: number }[]): string[] {
  const shown = new Set(processes.map(({ pid }) => pid));
  const last = new Map(processes.map(({ pid, parent }) => [parent, pid]));
  const below = new Map<number, string>();
  return processes.map(({ pid, parent }) => {
    const indent = below.get(parent);
    if (indent === undefined || !shown.has(parent)) {
      below.set(pid, '');
      return '';
    }
    const isLast = last.get(parent) === pid;
    below.set(pid, `${indent}${isLast ? '   ' : '│  '}`);
    return `${indent}${isLast ? '└─ ' : '├─ '}`;
  });
}

/** The main thread's call, then the others', counted, where they can be told. */
function waits({ threads: [main, ...others] }: ProcessView): string {
  const known = others.filter(({ waitsIn }) => waitsIn !== null);
  const rest = [...groupBy(known, ({ waitsIn }) => waitsIn)].map(([call, { length }]) =>
    length === 1 ? call : `${call} ×${length}`,
  );
  return [main?.waitsIn ?? '–', ...(rest.length === 0 ? [] : [`others: ${rest.join(', ')}`])].join('; ');
}

function holdings(processes: readonly ProcessView[], descriptions: readonly DescriptionView[]): string[] {
  const pids = processes.filter(({ descriptors }) => descriptors !== 0).map(({ pid }) => pid);
  const head = [...pids.map(String), 'OPEN FILE DESCRIPTION', 'QUEUE', 'OFFSET', 'FLAGS'];
  const align: Align[] = [...pids.map(() => 'right' as const), 'left', 'left', 'right', 'left'];
  const readable = new Set(processes.filter(({ descriptors }) => descriptors !== null).map(({ pid }) => pid));
  return table([head, ...descriptions.map((description) => descriptionRow(description, pids, readable))], align);
}

function descriptionRow(
  description: DescriptionView,
  pids: readonly number[],
  readable: ReadonlySet<number>,
): string[] {
  const cells = groupBy(description.holders, ({ pid }) => pid);
  const cell = (pid: number) => {
    const held = cells.get(pid);
    return held
      ? listed(
          held.map(({ fd }) => String(fd)),
          ',',
        )
      : readable.has(pid)
        ? ''
        : '?';
  };
  return [
    ...pids.map(cell),
    `${description.label}${description.proof === 'inode' ? ' (by inode)' : ''}`,
    description.socket === null ? '' : queueText(description.socket),
    description.offset === null ? '' : String(description.offset),
    [...description.flags, ...closeOnExec(description)].join(' '),
  ];
}

/** How many connections wait at a listening socket, or how many bytes in another one. */
export function queueText({ queued, backlog, waiting, receiveQueue, sendQueue }: SocketView): string {
  if (queued !== null) {
    const named = waiting.slice(0, WAITING).join(', ');
    const who = named === '' ? '' : `: ${named}${waiting.length > WAITING ? ' …' : ''}`;
    return `${queued}${backlog === null ? '' : ` of ${backlog}`} waiting${who}`;
  }
  const bytes = [receiveQueue ? `${receiveQueue} B to read` : '', sendQueue ? `${sendQueue} B to send` : ''];
  return bytes.filter(Boolean).join(', ');
}

/** The one flag that belongs to the descriptor: two of one description may differ in it. */
function closeOnExec({ holders }: DescriptionView): string[] {
  const closing = holders.filter((holder) => holder.closeOnExec);
  if (closing.length === 0) return [];
  if (closing.length === holders.length) return ['O_CLOEXEC'];
  const staying = new Set(holders.filter((holder) => !holder.closeOnExec).map(({ fd }) => fd));
  // A number that means the same in all processes needs no process beside it.
  const named = new Set(closing.map(({ pid, fd }) => (staying.has(fd) ? `${fd} of ${pid}` : `${fd}`)));
  return [`O_CLOEXEC (${listed([...named], ', ')})`];
}

/** The first few, and how many there are. */
function listed(items: readonly string[], separator: string): string {
  if (items.length <= NAMED) return items.join(separator);
  return `${items.slice(0, NAMED).join(separator)}${separator}… ×${items.length}`;
}

function table(rows: readonly (readonly string[])[], align: readonly Align[]): string[] {
  const widths = align.map((_, column) =>
    rows.reduce((width, row) => Math.max(width, columnsOf(row[column] ?? '')), 0),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const space = ' '.repeat((widths[column] ?? 0) - columnsOf(cell));
      return align[column] === 'right' ? `${space}${cell}` : `${cell}${space}`;
    });
    return cells.join('  ').trimEnd();
  });
}

/** The beginning of a command line. */
export function clipped(text: string): string {
  return cut(text, COMMAND);
}
