// Many processes block in accept(2) on one open file description: the kernel gives each connection to one of them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kcmp } from '../../../src/posix/index.js';
import { ACCEPT, startEcho } from '../../fixtures/echo/server.js';
import { visits } from '../../fixtures/echo/visit.js';
import { type Client, connect } from '../../helpers/client.js';
import { currentSyscall, openDescriptors } from '../../helpers/proc.js';
import { eventually } from '../../helpers/wait.js';

const CONNECTIONS = 2000;
const TOGETHER = 200;

interface Event {
  readonly child: number;
  readonly what: string;
  /** The client's port, where it was accepted. */
  readonly port: number;
}

/** The log in order: which child accepted whom, and closed. */
function events(log: string): Event[] {
  return [...log.matchAll(/^Child (\d+) (accepted|closed) a \w+!(?: \(127\.0\.0\.1:(\d+)\))?/gm)].map((found) => ({
    child: Number(found[1]),
    what: found[2] as string,
    port: Number(found[3]),
  }));
}

function accepted(log: string): Event[] {
  return events(log).filter(({ what }) => what === 'accepted');
}

/** What is left of a list when each of `others` has taken away one of its like: a port can come again. */
function minus(list: readonly number[], others: readonly number[]): number[] {
  const left = [...list];
  for (const other of others) {
    const index = left.indexOf(other);
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}

const ascending = (a: number, b: number) => a - b;

test('every connection is accepted once, by one of many children', async () => {
  const { running, port, children } = await startEcho(['--workers', '16']);
  const made = await visits(port, { total: CONNECTIONS, together: TOGETHER });
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });

  expect(made.filter(({ served }) => !served)).toEqual([]);
  const log = accepted(running.stdout.text);
  expect(log.map((event) => event.port).sort(ascending)).toEqual(made.map((client) => client.port).sort(ascending));
  expect(new Set(log.map(({ child }) => child))).toEqual(new Set(children));
  expect(running.stderr.text).toBe('');
});

test('children are killed and replaced: only who is being served can lose', async () => {
  const { running, port, children } = await startEcho(['--workers', '3']);
  // The oldest first, so that each has served somebody; replacements come at the end of the line.
  const alive = [...children];
  const killed: number[] = [];
  const replacing = (async () => {
    for (;;) alive.push(Number((await running.stderr.line(/^forked child process: (\d+)$/))[1]));
  })().catch(() => {}); // The server has ended.

  const made = await visits(port, {
    total: CONNECTIONS,
    together: TOGETHER,
    afterEach(done) {
      if (done % 40 !== 0) return;
      const victim = alive.shift();
      if (victim === undefined) return;
      killed.push(victim);
      process.kill(victim, 'SIGKILL');
    },
  });
  expect(killed.length).toBeGreaterThan(20);
  for (const pid of killed) await running.stderr.line(new RegExp(`^Child ${pid} was killed by SIGKILL$`));
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
  await replacing;

  const log = accepted(running.stdout.text).map((event) => event.port);
  const clients = made.map((client) => client.port);
  const lost = made.filter(({ served }) => !served).map((client) => client.port);
  const unlogged = minus(clients, log);
  // Nobody was accepted twice, nor was anybody who did not come; and everybody that was served was accepted.
  expect(minus(log, clients)).toEqual([]);
  expect(minus(unlogged, lost)).toEqual([]);

  // Who lost was with a child when that was killed: the last that it accepted, or one that it had no time to log.
  const inService = killed.flatMap((pid) => {
    const last = events(running.stdout.text).findLast(({ child }) => child === pid);
    return last?.what === 'accepted' ? last.port : [];
  });
  expect(minus(minus(lost, unlogged), inService)).toEqual([]);
  expect(unlogged.length + inService.length).toBeLessThanOrEqual(killed.length);
});

test('a killed child takes its own client with it, nobody else: who waits is served by the replacement', async () => {
  const { running, port, children } = await startEcho(['--workers', '2']);
  const clients: Client[] = [];
  for (let i = 0; i < 4; i++) {
    const client = await connect(port);
    client.send(`from ${i}\n`);
    clients.push(client);
  }
  const [first, second, third, fourth] = clients as [Client, Client, Client, Client];
  await Promise.all([first.line(/^from 0$/), second.line(/^from 1$/)]);

  const acceptance = await running.stdout.line(new RegExp(`^Child (\\d+) accepted .*:${first.port}\\)$`));
  const victim = Number(acceptance[1]);
  expect(children).toContain(victim);
  process.kill(victim, 'SIGKILL');
  await first.ended;
  await third.line(/^from 2$/);
  const replacement = Number((await running.stderr.line(/^forked child process: (\d+)$/))[1]);
  await running.stdout.line(
    new RegExp(`^Child ${replacement} accepted a client! \\(127\\.0\\.0\\.1:${third.port}\\)$`),
  );
  second.send('undisturbed\nexit\n');
  await second.line(/^undisturbed$/);
  second.end();
  await fourth.line(/^from 3$/);
  await running.stdout.line(new RegExp(`accepted .*:${fourth.port}\\)$`));
  expect(accepted(running.stdout.text)).toHaveLength(4);
});

test('parent and children hold the same open file description and sit in accept(2) on it', async () => {
  const { running, port, parent, children } = await startEcho(['--workers', '3']);
  expect(parent).toBe(running.pid);
  const inode = listeningInode(port);
  const [fd] = [...openDescriptors(parent)].find(([, target]) => target === `socket:[${inode}]`) ?? [];
  expect(fd).toBeDefined();
  for (const child of children) {
    expect(openDescriptors(child).get(fd as number)).toBe(`socket:[${inode}]`);
    expect(kcmp(parent, child, fd as number, fd as number)).toBe(0);
    // Not just any two descriptors: standard output is another open file description.
    expect(kcmp(parent, child, fd as number, 1)).not.toBe(0);
    await eventually('the child blocks in accept(2)', () => ACCEPT.includes(currentSyscall(child) ?? ''));
  }
});

/** The listener's inode, from the kernel's table of IPv6 (and dual) sockets; 0A is TCP_LISTEN. */
function listeningInode(port: number): string | undefined {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp6', 'latin1')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  return rows.find((row) => row[1]?.endsWith(local) && row[3] === '0A')?.[9];
}
