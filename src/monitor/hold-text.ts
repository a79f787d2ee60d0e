import type { HeldConnect, HoldRequest, LoadedAfter } from '../channel/messages.js';
import { mebibytes } from '../util/quantities.js';

/** '; 2 connects held until the fork (pg, 127.0.0.1:6379)', or nothing when there are none. */
export function heldText(held: readonly HeldConnect[]): string {
  if (held.length === 0) return '';
  const names = new Set(held.map(({ destination, place }) => /, through (.+)$/.exec(place ?? '')?.[1] ?? destination));
  return `; ${count(held.length)} held until the fork (${[...names].join(', ')})`;
}

/** Why the app is loaded once more, in one line. */
export function holdText({ cause, connects, after }: HoldRequest): string {
  const all = connects.map(({ destination, place }) => `${destination}${place === undefined ? '' : ` (at ${place})`}`);
  const them = [...new Set(all)];
  const held = `the app is loaded once more with ${count(connects.length)} held until the fork: ${them.join(', ')}`;
  if (cause === 'failed') return `${held}; there the app failed to connect, and so may each worker`;
  const unshared = after === undefined ? '' : `; not shared is what came after the first: ${amount(after)}`;
  return `${held}; each worker opens its own${unshared}`;
}

function count(connects: number): string {
  return connects === 1 ? '1 connect' : `${connects} connects`;
}

function amount({ files, bytes }: LoadedAfter): string {
  const memory = mebibytes(bytes);
  return files === undefined ? memory : `${files || 'no'} ${files === 1 ? 'file' : 'files'}, ${memory}`;
}
