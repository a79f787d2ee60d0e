import type { Figure } from '../../../figure/figure.js';
import { doing, isParent } from '../../../figure/page/words.js';
import type { ClientView, Language, TerminalView } from '../../messages.js';

/** What a step may look at. */
export interface Moment {
  /** One figure for each program; the newest last. */
  readonly frames: readonly (readonly Figure[])[];
  readonly clients: readonly ClientView[];
  readonly terminal?: TerminalView;
}

/** Something to do, in the reader's language, and how the page sees that it has been done. */
export interface Step extends Readonly<Record<Language, string>> {
  readonly isDone: (moment: Moment) => boolean;
}

/** A lesson: what it is about, in sentences, and what to try. */
export interface LessonPage extends Readonly<Record<Language, readonly string[]>> {
  readonly steps: readonly Step[];
}

export function now({ frames }: Moment): Figure | undefined {
  return frames.at(-1)?.[0];
}

/** A condition on the newest figure. */
export function seen(condition: (figure: Figure) => boolean): Step['isDone'] {
  return (moment) => {
    const figure = now(moment);
    return figure !== undefined && condition(figure);
  };
}

export function printed(pattern: RegExp): Step['isDone'] {
  return ({ terminal }) => pattern.test(terminal?.text ?? '');
}

export const hasEnded: Step['isDone'] = ({ terminal }) => (terminal?.ended ?? null) !== null;

/** How many processes do that. */
export function count(figure: Figure, what: ReturnType<typeof doing>): number {
  return figure.processes.filter((process) => doing(process, figure) === what).length;
}

export function childrenOf(figure: Figure): Figure['processes'] {
  return figure.processes.filter((process) => !isParent(process, figure));
}

export function pidsOf(holders: Figure['listeners'][number]['holders']): number {
  return new Set(holders.map(({ pid }) => pid)).size;
}
