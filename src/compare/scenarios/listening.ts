import { type DescriptionView, type Holder, type Inspection, inspect } from '../../inspect/index.js';
import { readStat } from '../../proc/process.js';
import { groupBy } from '../../util/group-by.js';
import { connectLines } from '../clients/lines.js';
import { type Accepting, connectionOf, holdersOf, inWords, listenersOf, partsOf } from '../instruments/accepting.js';
import { countOf, groupsOf, titleOf } from '../instruments/proc.js';
import { type Call, traced } from '../instruments/strace.js';
import { noteOf, type Scenario, SETUPS, type Server } from '../scenario.js';

export const whoAccepts: Scenario = {
  id: 'who-accepts',
  setup: SETUPS.echo,
  title: 'Who accepts connections',
  how:
    'Of each thread, /proc/PID/task/TID/syscall tells the call it waits in (288 is accept4, 281 epoll_pwait; then the ' +
    'descriptor in hexadecimal); the lines `tfd:` of /proc/PID/fdinfo/FD tell what an epoll set watches; ' +
    '`prefork inspect PID` shows both, and who has the connection of `nc 127.0.0.1 PORT`.',
  async run(server) {
    const parts = inWords(server, await partsOf(server));
    using client = await connectLines(server.port);
    await client.say('hello');
    const holders = holdersOf(server, client.port).map(({ pid, fd }) => `${titleOf(server, pid)} (fd ${fd})`);
    return { seen: `${parts}; a client came to ${holders.join(', ')}` };
  },
};

export const listener: Scenario = {
  id: 'listener',
  setup: SETUPS.echo,
  title: 'Who has the listening socket',
  how:
    '`prefork inspect PID` shows every open file description and who has it under which number; that several ' +
    'descriptors are one is proven by kcmp(2) with KCMP_FILE, which gives 0 for two that are the same.',
  async run(server) {
    const inspection = inspect(server.members());
    const listeners = listenersOf(inspection, server.port);
    if (listeners.length === 0) throw new Error(['no listening socket is to be seen', ...inspection.notes].join('; '));
    const having = new Set(listeners.flatMap(({ holders }) => holders.map(({ pid }) => pid)));
    const without = server.serving().filter((pid) => !having.has(pid)).length;
    const words = listeners.map((description) => describe(server, description));
    if (without > 0) words.push(`${countOf(server, without)} without any`);
    return { seen: words.join('; '), note: noteOf(...inspection.notes.filter((note) => note.startsWith('kcmp'))) };
  },
};

/** 'one open file description by kcmp, blocking: fd 17 of the parent, fd 17 of 3 children'. */
function describe(server: Server, { holders, proof, flags }: DescriptionView): string {
  const mode = flags.includes('O_NONBLOCK') ? 'non-blocking' : 'blocking';
  const what = proof === null ? 'one descriptor' : `one open file description by ${proof}`;
  const who = groupsOf(server, holders).map(({ title, members }) => {
    const fds = [...groupBy(members, ({ pid }) => pid).values()].map((own) => own.map(({ fd }) => fd).join(' and '));
    return `fd ${[...new Set(fds)].join(' or ')} of ${title}`;
  });
  return `${what}, ${mode}: ${who.join(', ')}`;
}

export const delivery: Scenario = {
  id: 'delivery',
  setup: SETUPS.echo,
  title: 'How a connection reaches its worker',
  how:
    '`strace -f -e trace=accept,accept4,sendmsg,recvmsg -p PID …` shows who accepts and whether a descriptor is passed ' +
    '(SCM_RIGHTS); without it, `prefork inspect PID` shows whether the process that has the connection has the ' +
    'listener too, and field 28 of /proc/PID/stat, where the stack begins, is that of the parent only after a fork ' +
    'without execve: what else was closed on exec has come over a socket.',
  async run(server) {
    const evidence = await deduce(server, await partsOf(server));
    try {
      const calls = await traced(server.members(), CALLS, () => severalClients(server));
      return { seen: `${evidence}; strace of another client: ${callsInWords(server, calls)}` };
    } catch (error) {
      return { seen: evidence, note: `deduced from /proc alone: ${(error as Error).message}` };
    }
  },
};

const CALLS = ['accept', 'accept4', 'sendmsg', 'recvmsg'] as const;

/** A call that strace finds begun when it attaches may end unseen: each process is to begin another. */
async function severalClients(server: Server): Promise<void> {
  for (let left = server.serving().length; left >= 0; left--) {
    using client = await connectLines(server.port);
    await client.say('hello');
  }
}

/** From who holds what: who has no listener, or never waits for it, cannot have accepted. */
async function deduce(server: Server, parts: readonly Accepting[]): Promise<string> {
  using client = await connectLines(server.port);
  await client.say('hello');
  const inspection = inspect(server.members());
  const [owner, ...others] = connectionOf(inspection, server.port, client.port)?.holders ?? [];
  if (owner === undefined || others.length > 0) throw new Error('nobody, or not one process alone, has the connection');
  const acceptors = parts.filter(waits).map(({ pid }) => pid);
  if (acceptors.includes(owner.pid)) {
    const holders = listenersOf(inspection, server.port).flatMap((listener) => listener.holders);
    return `${titleOf(server, owner.pid)} accepted it, on the listener that ${origin(server, owner.pid, holders)}`;
  }
  const [acceptor] = acceptors;
  if (acceptor === undefined) throw new Error('no process is seen to wait for connections');
  return (
    `${titleOf(server, acceptor)} accepted it, as ${titleOf(server, owner.pid)} does not wait for any, ` +
    `and sent it on over ${wayBetween(inspection, acceptor, owner.pid)}`
  );
}

const waits = ({ part }: Accepting) => part === 'blocks' || part === 'polls' || part === 'watches';

function wayBetween({ descriptions }: Inspection, from: number, to: number): string {
  for (const { kind, holders, socket } of descriptions) {
    const start = holders.find(({ pid }) => pid === from);
    const end = socket?.peerHolders.find(({ pid }) => pid === to);
    if (start !== undefined && end !== undefined) return `their ${kind} socket, fd ${start.fd} and fd ${end.fd}`;
  }
  return 'a socket that is not to be seen';
}

function origin(server: Server, pid: number, holders: readonly Holder[]): string {
  if (pid === server.root) return 'it opened';
  const serving = server.serving();
  const elders = new Set(holders.map((holder) => holder.pid).filter((other) => !serving.includes(other)));
  const stack = readStat(pid)?.stackStart || undefined;
  const elder = [...elders].find((other) => stack !== undefined && readStat(other)?.stackStart === stack);
  if (elder !== undefined) return `it inherited from ${titleOf(server, elder)} by fork`;
  const survivesExec = holders.some((holder) => elders.has(holder.pid) && holder.closeOnExec !== true);
  if (stack === undefined || survivesExec) return `it has in common with ${titleOf(server, server.root)}`;
  return `came to it over a socket, as it is closed on exec`;
}

/** 'accept4 in the primary, then SCM_RIGHTS from the primary to worker 7', of the last client. */
function callsInWords(server: Server, calls: readonly Call[]): string {
  const who = (call: Call | undefined) => (call === undefined ? 'none' : titleOf(server, call.pid));
  const accept = calls.findLast(({ name, text }) => name.startsWith('accept') && /= \d+$/.test(text));
  const accepted = accept === undefined ? 'no accept seen' : `${accept.name} in ${who(accept)}`;
  const passed = calls.filter(({ text }) => text.includes('SCM_RIGHTS'));
  if (passed.length === 0) return `${accepted}, no descriptor passed`;
  const [sent, received] = ['sendmsg', 'recvmsg'].map((call) => who(passed.findLast(({ name }) => name === call)));
  return `${accepted}, then SCM_RIGHTS from ${sent} to ${received}`;
}
