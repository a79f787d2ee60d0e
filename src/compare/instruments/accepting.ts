import { type DescriptionView, type Holder, type Inspection, inspect } from '../../inspect/index.js';
import { type Descriptor, type Process, readProcess, readStat } from '../../proc/process.js';
import { until } from '../../util/poll.js';
import type { Server } from '../scenario.js';
import { groupsOf, listeningOn } from './proc.js';

/** How long a server may take until it is at rest. */
const REST_TIMEOUT_MS = 1000;

/** What a process does with the listener: what the furthest of its threads does; 'has' where that is not to be seen. */
export type Part = 'blocks' | 'polls' | 'watches' | 'holds' | 'has' | 'nothing';

export interface Accepting {
  readonly pid: number;
  readonly part: Part;
  /** 'accept4(17)' of one that blocks, 'fd 17 in epoll_pwait(13)' of one that polls, 'fd 17' of others, or ''. */
  readonly where: string;
}

/** The listening descriptions of a port: one, unless it was opened several times. */
export function listenersOf({ descriptions }: Inspection, port: number): DescriptionView[] {
  return descriptions.filter(({ socket }) => socket?.state === 'LISTEN' && socket.local.endsWith(`:${port}`));
}

/** The server's end of a client's connection. */
export function connectionOf({ descriptions }: Inspection, port: number, client: number): DescriptionView | undefined {
  return descriptions.find(({ socket }) => socket?.local.endsWith(`:${port}`) && socket.peer?.endsWith(`:${client}`));
}

/** Who has a descriptor of the server's end of a client's connection. */
export function holdersOf(server: Server, client: number): readonly Holder[] {
  return connectionOf(inspect(server.members()), server.port, client)?.holders ?? [];
}

/** The process that has it; undefined while none or several have, as while it is handed over. */
export function servingOf(server: Server, client: number): number | undefined {
  const pids = new Set(holdersOf(server, client).map(({ pid }) => pid));
  return pids.size === 1 ? [...pids][0] : undefined;
}

/** Looks when the server is at rest; what does not come to rest is taken as it is. */
export async function partsOf(server: Server): Promise<Accepting[]> {
  const members = server.members();
  await until(() => members.every((pid) => readStat(pid)?.state !== 'running'), REST_TIMEOUT_MS);
  const listeners = new Set(listeningOn(server.port).map(({ inode }) => `${inode}`));
  return members.flatMap((pid) => readProcess(pid) ?? []).map((process) => partOf(process, listeners));
}

/** Functions of the kernel are all there is to see where system calls may not be read. */
const ACCEPT = /^accept4?\((\d+)\)$|^inet_csk_accept$/;
const POLL = /^epoll_p?wait2?\((\d+)\)$|^(do_epoll_wait|ep_poll)$/;

function partOf({ pid, threads, descriptors }: Process, listeners: ReadonlySet<string>): Accepting {
  const all = descriptors ?? [];
  const own = all.filter(({ link }) => link.kind === 'socket' && listeners.has(link.name)).map(({ fd }) => fd);
  if (own.length === 0) return { pid, part: 'nothing', where: '' };
  const waits = threads.flatMap(({ waitsIn }) => waitsIn ?? []);
  const accepts = waits.find((call) => isOf(call, ACCEPT, own));
  if (accepts !== undefined) return { pid, part: 'blocks', where: accepts };
  const watches = (of: Descriptor) => of.info.watched.filter(({ fd }) => own.includes(fd)).map(({ fd }) => fd);
  const sets = all.filter((one) => watches(one).length > 0);
  const part = threads.some(({ waitsIn }) => waitsIn === null) ? 'has' : 'holds';
  if (sets.length === 0) return { pid, part, where: `fd ${own.join(' and ')}` };
  const where = `fd ${[...new Set(sets.flatMap(watches))].join(' and ')}`;
  const setFds = sets.map(({ fd }) => fd);
  const polls = waits.find((call) => isOf(call, POLL, setFds));
  return polls === undefined ? { pid, part: 'watches', where } : { pid, part: 'polls', where: `${where} in ${polls}` };
}

/** Whether a thread waits in such a call, on one of these descriptors where it tells which. */
function isOf(call: string, pattern: RegExp, fds: readonly number[]): boolean {
  const found = pattern.exec(call);
  return found !== null && fds.length > 0 && (found[1] === undefined || fds.includes(Number(found[1])));
}

const VERBS: Readonly<Record<Part, readonly [one: string, many: string]>> = {
  blocks: ['blocks in', 'block in'],
  polls: ['waits for', 'wait for'],
  watches: ['watches', 'watch'],
  holds: ['merely holds it as', 'merely hold it as'],
  has: ['has it (what it waits in may not be read) as', 'have it (what they wait in may not be read) as'],
  nothing: ['does not have it', 'do not have it'],
};

/** '3 children block in accept4(17); the parent merely holds it as fd 17'. */
export function inWords(server: Server, parts: readonly Accepting[]): string {
  const phrases = (Object.keys(VERBS) as Part[]).flatMap((part) => {
    const mine = parts.filter((one) => one.part === part);
    return groupsOf(server, mine).map(({ title, members }) => {
      const where = [...new Set(members.map((member) => member.where))].join(' or ');
      return `${title} ${VERBS[part][members.length === 1 ? 0 : 1]} ${where}`.trimEnd();
    });
  });
  return phrases.join('; ');
}
