import { Socket } from 'node:net';
import { hostAndPort } from '../net/address.js';
import { activeHandles } from '../node/handles.js';
import { pendingRequests } from '../posix/index.js';
import { childText } from './activity.js';
import type { Connects } from './connects.js';
import { placed } from './connects.js';
import { from } from './diagnostic.js';
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
  /** Why the app's servers cannot listen. */
  readonly failures: readonly string[];
  readonly connects: Connects | undefined;
  readonly threads?: Threads | undefined;
}

/** Why the app cannot be forked, when the wait for it to become idle has ended in another way; a line each. */
export function unsettled(
  result: IdleResult,
  { recording, failures, connects, threads }: Unsettled,
): readonly string[] {
  switch (result.type) {
    case 'blockers':
      return result.blockers;
    case 'ended':
      return [...withoutServer(failures), ...held(recording, connects, threads)];
    default:
      return ['it is still busy, and cannot be forked, with:', ...pending(recording, connects, threads), ...failures];
  }
}

/** Why a process of the app ends that does not serve, a line each. */
export function withoutServer(failures: readonly string[]): readonly string[] {
  const [first = 'nothing called server.listen()', ...others] = failures;
  return [`it ended without a server that listens: ${first}`, ...others];
}

/** What keeps the app from becoming idle, a line each. */
export function pending(recording: Recording, connects?: Connects, threads?: Threads): string[] {
  return [
    ...requests(),
    ...sockets(recording),
    ...held(recording, connects, threads),
    ...appTimers().map(timersText),
    ...recording.children.map((child) => childText(child) + from('started', recording.placeOf(child))),
    ...examineNativeCode().map(({ message, remedy }) => `${message}; ${remedy}`),
    ...(threads?.workers ?? recording.startedWorkers).map(
      (worker) => workerText(worker) + from('started', worker.place),
    ),
  ];
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

function sockets(recording: Recording): string[] {
  const sockets = activeHandles().filter((handle) => handle instanceof Socket);
  return sockets.flatMap((socket) => {
    const { connecting, remoteAddress, remotePort } = socket as Socket;
    const place = from('opened', recording.placeOf(socket));
    if (connecting) return [`a socket that connects${place}`];
    return remoteAddress === undefined
      ? []
      : [`a socket connected to ${hostAndPort(remoteAddress, remotePort as number)}${place}`];
  });
}
