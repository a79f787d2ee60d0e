// In which order an app's servers ask the monitor, wait for the fork and listen, and which one is the first.
import { openSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { ListenHook } from '../../../src/app/listening/listen-hook.js';
import { Clients } from '../../../src/app/serving/clients.js';
import type { ListenReply } from '../../../src/channel/messages.js';
import * as listening from '../../../src/node/listening.js';

vi.mock('../../../src/node/listening.js', { spy: true });
vi.mock('../../../src/node/methods.js', () => ({ overrideListen: () => {} }));

/** What the monitor is told. */
type Told = { readonly type: string; readonly order?: number; readonly first?: boolean; readonly has?: number[] };
type Step = Parameters<Parameters<typeof listening.takeOverListening>[0]>;

const IN_USE: ListenReply = { type: 'not listening', errno: -98, address: '127.0.0.1', port: 80 };

/** A socket of the service, by the port that it is bound to. */
function socketAt(...ports: number[]): ListenReply {
  const at = (port: number) => ({ family: 'IPv4', address: '127.0.0.1', port }) as const;
  const sockets = ports.map((port) => ({ id: port, address: at(port), hold: 'own', given: false }) as const);
  return { type: 'listening', sockets, address: at(ports[0] ?? 0) };
}

let listen: Step extends [infer S, infer A, infer P] ? (server: S, args: A, proceed: P) => void : never;
beforeEach(() => {
  vi.mocked(listening.takeOverListening).mockImplementation((step) => {
    listen = step;
  });
});

/** An app's process; the monitor gives each server what it asks for, or what `replies` has for it. */
function process(options: { readonly hasOverrides?: boolean } = {}) {
  const told: Told[] = [];
  const log: string[] = [];
  const replies: ListenReply[] = [];
  let free = 4000;
  const clients = new Clients(0);
  const hook = new ListenHook({
    channel: () => ({
      send: (message) => void told.push(message as Told),
      receive: () => {
        const { address } = told.at(-1) as unknown as { address: { port: number } };
        return replies.shift() ?? socketAt(address.port || free++);
      },
      take: (count) => Array.from({ length: count }, () => openSync('/dev/null', 'r')),
    }),
    clients,
    backlog: undefined,
    hasOverrides: options.hasOverrides ?? false,
    fixedMode: false,
    inherited: [],
    warn: () => {},
    onServer: (server) => void log.push(`${nameOf(server)} is about to listen`),
  });
  hook.install();
  const names = new Map<Server, string>();
  const nameOf = (server: Server) => names.get(server) ?? '?';
  const server = (name: string, port: number, again = createServer()): Server => {
    names.set(again, name);
    again.once('error', ({ message }) => log.push(`${name}: ${message}`));
    listen(again, ['127.0.0.1', port, 4, 511], () => void log.push(`${name} listens`));
    return again;
  };
  const asked = () =>
    told.filter(({ type }) => type === 'listen').map(({ order, first, has }) => ({ order, first, has }));
  /** Closes what a server listens by, as net.Server's close() does. */
  const close = (each: Server) => {
    (Reflect.get(each, '_handle') as { close(): void }).close();
    listening.setServerHandle(each, null);
  };
  return { hook, told, log, replies, server, asked, close };
}

test('before the fork each server has its socket and waits; then they listen in the order of their calls', () => {
  const { hook, log, server, asked } = process();
  server('one', 81);
  server('two', 82);
  expect(log).toEqual([]);
  expect(hook.waiting).toBe(2);
  hook.serve([]);
  expect(hook.waiting).toBe(0);
  server('late', 83);
  expect(log).toEqual(['one', 'two', 'late'].flatMap((name) => [`${name} is about to listen`, `${name} listens`]));
  expect(asked().map(({ order }) => order)).toEqual([0, 1, 2]);
});

test('a server that listens again keeps its number', () => {
  const { server, asked, close, told } = process();
  const one = server('one', 81);
  server('two', 82);
  close(one);
  server('one', 81, one);
  expect(asked().map(({ order }) => order)).toEqual([0, 1, 0]);
  expect(told.filter(({ type }) => type === 'closed')).toEqual([{ type: 'closed', sockets: [81] }]);
});

test('a server that cannot listen says so, and does not count as one that waits', async () => {
  const { hook, log, server, replies } = process();
  replies.push(IN_USE);
  server('one', 80);
  server('two', 82);
  await turn();
  expect(hook.waiting).toBe(1);
  hook.serve([]);
  expect(log).toEqual([
    'one: listen EADDRINUSE: address already in use 127.0.0.1:80',
    'two is about to listen',
    'two listens',
  ]);
});

test('in a worker a server whose socket has been closed meanwhile asks for another one before it listens', async () => {
  const { hook, log, server, replies, asked } = process();
  server('one', 81);
  server('two', 82);
  server('three', 83);
  replies.push(IN_USE, socketAt(93));
  hook.serve([82, 83]);
  await turn();
  expect(asked().slice(3)).toEqual([
    { order: 1, first: false, has: [82] },
    { order: 2, first: false, has: [83] },
  ]);
  expect(log.filter((line) => line.endsWith(' listens'))).toEqual(['one listens', 'three listens']);
  expect(log).toContain('two: listen EADDRINUSE: address already in use 127.0.0.1:80');
});

test('the first server is the oldest one; one for any port that closes before the fork was a probe', () => {
  const { server, asked, close } = process({ hasOverrides: true });
  close(server('probe', 0));
  server('app', 81);
  server('metrics', 82);
  expect(asked().map(({ first }) => first)).toEqual([false, true, false]);
});

test('one for any port that stays open is first when no server is to come any more', () => {
  const { hook, server, asked } = process({ hasOverrides: true });
  server('app', 0);
  server('metrics', 82);
  expect(hook.assignFirst()).toBe(true);
  expect(asked()).toEqual([
    { order: 0, first: false, has: [] },
    { order: 1, first: false, has: [] },
    { order: 0, first: true, has: [4000] },
  ]);
});

test('in a worker, the next one is first when the first one closes without having had a client', () => {
  const { hook, server, asked, close } = process({ hasOverrides: true });
  const probe = server('probe', 81);
  server('app', 82);
  hook.serve([]);
  close(probe);
  expect(asked().slice(2)).toEqual([{ order: 1, first: true, has: [82] }]);
});

test('a first server that has had clients stays the first one, for when it listens again', () => {
  const { hook, server, asked, close } = process({ hasOverrides: true });
  const app = server('app', 81);
  hook.serve([]);
  for (const handle of hook.handles) handle.accepted = 1;
  close(app);
  server('metrics', 82);
  server('app', 81, app);
  expect(asked().map(({ order, first }) => [order, first])).toEqual([
    [0, true],
    [1, false],
    [0, true],
  ]);
});

test('without sockets of the service there is no first server', () => {
  const { hook, server, asked } = process();
  server('app', 81);
  expect(hook.assignFirst()).toBe(true);
  expect(asked()).toEqual([{ order: 0, first: false, has: [] }]);
});

test('the app hears of a first server that does not get what was left for it', async () => {
  const { hook, server, replies, log } = process({ hasOverrides: true });
  server('app', 0);
  replies.push(IN_USE);
  expect(hook.assignFirst()).toBe(false);
  await turn();
  expect(log).toEqual(['app: listen EADDRINUSE: address already in use 127.0.0.1:80']);
  expect(hook.assignFirst()).toBe(true);
});

test("a socket that goes to a server that has asked for its address is the other one's no more", () => {
  const { hook, server, replies, asked } = process({ hasOverrides: true });
  replies.push(socketAt(81, 82));
  server('first', 81);
  server('second', 82);
  expect([...hook.handles].map(({ ids }) => ids)).toEqual([[81], [82]]);
  replies.push(socketAt(81), socketAt(85));
  server('third', 81);
  expect([...hook.handles].map(({ ids }) => ids)).toEqual([[85], [82], [81]]);
  expect(asked().at(-1)).toEqual({ order: 0, first: true, has: [] });
});

test('a worker is ready when a server listens and has not closed at that', async () => {
  const { hook, server, close } = process();
  hook.serve([]);
  const ready = vi.fn();
  hook.onceServing(ready);
  close(server('probe', 81));
  await turn();
  expect(ready).not.toHaveBeenCalled();
  server('app', 82);
  server('other', 83);
  expect(ready).not.toHaveBeenCalled();
  await turn();
  expect(ready).toHaveBeenCalledOnce();
});
