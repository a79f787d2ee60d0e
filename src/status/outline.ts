import type { OwnedHeader } from '../scoreboard/index.js';
import { printable } from '../util/printable.js';
import { duration } from '../util/quantities.js';
import { reloadText } from './figures.js';

/** How a server of another version of prefork goes, as far as every version can tell. Times as in Status. */
export interface Outline {
  readonly time: number;
  readonly description: Omit<OwnedHeader, 'known' | 'uid'>;
  /** Where the rest is. */
  readonly note: string;
}

export function outline({ known: _, uid: __, ...description }: OwnedHeader): Outline {
  const note = `started by prefork ${description.version}; use that version's 'prefork status' for the rest`;
  return { time: Date.now(), description, note };
}

/** For a terminal. */
export function renderOutline({ time, description, note }: Outline): string {
  const { version, pid, generation, startedAt, target, stopping } = description;
  const wanted = `${target} ${target === 1 ? 'worker' : 'workers'} wanted`;
  const reload = reloadText({ description });
  const lines = [
    `prefork ${version}`,
    `monitor ${pid}, generation ${generation}, up ${duration(time - startedAt)}`,
    stopping ? 'stopping' : wanted,
    ...(reload === undefined ? [] : [reload]),
    note,
  ];
  return lines.map((line) => `${printable(Buffer.from(line), 1000)}\n`).join('');
}
