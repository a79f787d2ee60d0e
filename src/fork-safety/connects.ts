import type { ConnectHook, TargetedSocket } from '../app/connect-hook.js';
import type { HeldConnect } from '../monitor/policy/holds.js';
import { type Finding, from } from './diagnostic.js';
import type { Recording } from './resource-tracker.js';

const HELD =
  'each worker opens its own: workers × the size of a pool, twice that during a reload; ' +
  'what only one worker is to do with it goes into once() (prefork/app)';

/** With their places in the app's code. */
export function placed(sockets: readonly TargetedSocket[], recording: Recording): HeldConnect[] {
  return sockets.map(({ socket, destination }) => ({ destination, place: recording.placeOf(socket) }));
}

/** The connections that refuse the fork, and whose connects could be held instead. */
export function openConnects(findings: readonly Finding[]): HeldConnect[] {
  const refusals = findings.filter(({ severity }) => severity === 'refusal');
  return refusals.flatMap(({ destination, place }) => (destination === undefined ? [] : [{ destination, place }]));
}

export function examineHeld(connects: ConnectHook, recording: Recording): Finding[] {
  const groups = new Map<string, HeldConnect & { count: number }>();
  for (const connect of placed(connects.held, recording)) {
    const key = JSON.stringify(connect);
    groups.set(key, { ...connect, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].map(({ destination, place, count }) => ({
    kind: 'held connect',
    severity: 'note',
    message: `${count === 1 ? 'a connect' : `${count} connects`} to ${destination}${from('called', place)}: held until the fork`,
    remedy: HELD,
    destination,
    place,
  }));
}
