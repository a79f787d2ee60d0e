import type { Socket } from 'node:net';
import type { HeldConnect } from '../channel/messages.js';
import { type Diagnostic, from } from './diagnostic.js';
import type { Recording } from './resource-tracker.js';
import type { Threads } from './threads.js';

/** A socket, and where the app told it to connect to. */
export interface TargetedSocket {
  readonly socket: Socket;
  readonly destination: string;
}

/** What is known of the app's connects. */
export interface Connects {
  /** Whether any are to be held. */
  readonly isOn: boolean;
  /** The sockets that wait for the fork. */
  readonly held: readonly TargetedSocket[];
  /** Whether any of them keeps the event loop alive: the app may be waiting for it. */
  readonly keepsAlive: boolean;
  /** Where the app told a socket to connect to. */
  destinationOf(socket: object): string | undefined;
}

const HELD =
  'each worker opens its own: workers × the size of a pool, twice that during a reload; ' +
  'what only one worker is to do with it goes into once() (prefork/app)';

/** With their places in the app's code. */
export function placed(sockets: readonly TargetedSocket[], recording: Recording): HeldConnect[] {
  return sockets.map(({ socket, destination }) => ({ destination, place: recording.placeOf(socket) }));
}

/** The connections that refuse the fork, and whose connects could be held instead. */
export function openConnects(findings: readonly Diagnostic[]): HeldConnect[] {
  const refusals = findings.filter(({ severity }) => severity === 'refusal');
  return refusals.flatMap(({ destination, place }) => (destination === undefined ? [] : [{ destination, place }]));
}

export function examineHeld(connects: Connects, recording: Recording, threads?: Threads): Diagnostic[] {
  const groups = new Map<string, HeldConnect & { count: number; by?: string }>();
  for (const connect of [...placed(connects.held, recording), ...(threads?.held ?? [])]) {
    const key = JSON.stringify(connect);
    groups.set(key, { ...connect, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].map(({ destination, place, by, count }) => ({
    kind: 'held connect',
    severity: 'note',
    message: `${count === 1 ? 'a connect' : `${count} connects`} to ${destination}${from('called', place, by)}: held until the fork`,
    remedy: HELD,
    destination,
    place,
  }));
}
