import { Socket as DatagramSocket } from 'node:dgram';
import { Socket } from 'node:net';
import { hostAndPort } from '../net/address.js';
import { activeHandles, descriptorOf, isWatcher } from '../node/handles.js';
import { pendingRequests } from '../posix/index.js';
import { childText } from './activity.js';
import type { Connects } from './connects.js';
import { placed } from './connects.js';
import { BUSY, from, NO_SERVER } from './diagnostic.js';
import type { IdleResult } from './idle.js';
import { examineNativeCode } from './native.js';
import type { Recording } from './resource-tracker.js';
import type { Threads } from './threads.js';
import { appTimers, timersText } from './timers.js';
import { workerText } from './worker-text.js';

/** Node's names of what it waits for, in words; the others are told with their places. */
const REQUESTS: readonly [RegExp, string][] = [
  [/^(FSReq|FileHandle)/, 'file operations'],
  [/^(GetAddrInfo|GetNameInfo|Query|CARES)/, 'name look-ups'],
  [/^(TCP|Pipe)Connect/, 'connects'],
  [/^(Shutdown|Write|UDPSend|TLSWrap)/, 'writes'],
  [/Request$|Job$|^(Zlib|Brotli)/, 'jobs of the thread pool'],
  [/^Immediate/, 'immediates'],
];

export interface Unsettled {
  readonly recording: Recording;
  /** Whether a server waits for clients. */
  readonly hasServer: boolean;
  readonly failures: {
    /** Why the app's servers cannot listen. */
    readonly all: readonly string[];
    /** Why none listens. */
    readonly reasons: readonly string[];
  };
  readonly connects: Connects | undefined;
  readonly threads?: Threads | undefined;
}

/** Why the app cannot be forked, when the wait for it to become idle has ended in another way; a line each. */
export function unsettled(
  result: IdleResult,
  { recording, hasServer, failures, connects, threads }: Unsettled,
): readonly string[] {
  const because =
    hasServer || failures.all.length > 0 || held(recording, connects, threads).length > 0 ? BUSY : NO_SERVER;
  switch (result.type) {
    case 'blockers':
      return result.blockers;
    case 'ended':
      return [...withoutServer(failures.reasons), ...held(recording, connects, threads)];
    default:
      return [because, ...pending(recording, connects, threads), ...failures.all];
  }
}

/** Why a process of the app ends that does not serve, a line each. */
export function withoutServer([first, ...others]: readonly string[]): readonly string[] {
  return [`it ended without a server that listens: ${first}`, ...others];
}

/** What keeps the app from becoming idle, or alive, a line each. */
export function pending(recording: Recording, connects?: Connects, threads?: Threads): string[] {
  const named = [
    ...requests(),
    ...handles(recording, connects),
    ...held(recording, connects, threads),
    ...appTimers().map(timersText),
    ...recording.children.map((child) => childText(child) + from('started', recording.placeOf(child))),
    ...examineNativeCode().map(({ message, remedy }) => `${message}; ${remedy}`),
    ...(threads?.workers ?? recording.startedWorkers).map(
      (worker) => workerText(worker) + from('started', worker.place),
    ),
  ];
  return named.length > 0 ? named : [`what Node calls ${[...new Set(process.getActiveResourcesInfo())].join(', ')}`];
}

function held(recording: Recording, connects: Connects | undefined, threads: Threads | undefined): string[] {
  const own = placed(connects?.held ?? [], recording).map((each) => ({ ...each, by: undefined }));
  return [...own, ...(threads?.held ?? [])].map(({ destination, place, by }) => {
    return `a connect to ${destination}${from('called', place, by)}, that is held until the fork`;
  });
}

function requests(): string[] {
  const counts = new Map<string, number>();
  for (const resource of process.getActiveResourcesInfo()) {
    const name = REQUESTS.find(([pattern]) => pattern.test(resource))?.[1];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const named = [...counts].map(([name, count]) => `${name}: ${count}`);
  // Node 26 does not tell of fs.readFile.
  const all = pendingRequests();
  return named.length > 0 || all === 0 ? named : [`requests that Node does not name: ${all}`];
}

function handles(recording: Recording, connects: Connects | undefined): string[] {
  const pipes = new Set<unknown>(recording.children.flatMap(({ stdio }) => stdio));
  return activeHandles().flatMap((handle) => {
    const place = recording.placeOf(handle);
    if (handle instanceof DatagramSocket) return [`a datagram socket${from('opened', place)}`];
    if (isWatcher(handle)) return [`a watcher of files${from('begun', place)}`];
    if (!(handle instanceof Socket) || pipes.has(handle)) return [];
    const { connecting, remoteAddress, remotePort } = handle as Socket;
    if (connecting) return [`a socket that connects${from('opened', place)}`];
    const isTcp = remoteAddress !== undefined;
    const peer = isTcp ? hostAndPort(remoteAddress, remotePort as number) : connects?.destinationOf(handle);
    if (peer !== undefined) return [`a socket connected to ${peer}${from('opened', place)}`];
    return descriptorOf(handle) === 0 ? ['standard input, which it reads'] : [];
  });
}
