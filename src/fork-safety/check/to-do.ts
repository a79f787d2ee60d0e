import { type Diagnostic, NO_SERVER, type Severity } from '../diagnostic.js';

/** What stands in a report, and what to do about it. */
export interface Item {
  /** Where it stands: what is more important comes first. */
  readonly part: Part;
  /** One line. */
  readonly message: string;
  readonly remedy: string;
}

export type Part = 'problem' | Exclude<Severity, 'note'> | 'same' | 'note';

/** One thing to do, and what it is good for. */
export interface ToDo {
  readonly what: string;
  /** The messages of the items, by their numbers in the report, from 1. */
  readonly items: readonly number[];
}

const ORDER: readonly Part[] = ['problem', 'refusal', 'same', 'warning', 'note'];

const SAME = 'draw the first of them in a worker: in afterFork (prefork/app), or when a request needs it';
const END = 'let it end before the app is loaded, or give it more time with --spawn-timeout';
const LISTEN =
  'let it listen on TCP or a unix socket, or give it more time with --spawn-timeout; what serves in another way runs by node';
const PROBLEM = 'see what it has written to standard error, and how it runs under plain node';

/** All that a report has to say, in the order of importance. */
export function itemsOf(problems: readonly string[], findings: readonly Diagnostic[], same: readonly string[]): Item[] {
  const items: Item[] = [
    ...problemItems(problems),
    ...findings.map(({ severity, message, remedy }) => ({ part: severity, message, remedy })),
    ...same.map((message) => ({ part: 'same' as const, message, remedy: SAME })),
  ];
  return items.sort((one, other) => ORDER.indexOf(one.part) - ORDER.indexOf(other.part));
}

/** What to do about them, each once. */
export function toDo(items: readonly Item[]): ToDo[] {
  const numbers = new Map<string, number[]>();
  for (const [index, { remedy }] of items.entries()) {
    numbers.set(remedy, [...(numbers.get(remedy) ?? []), index + 1]);
  }
  return [...numbers].map(([what, of]) => ({ what, items: of }));
}

/** A line that ends with a colon is about all that follow. */
function problemItems(problems: readonly string[]): Item[] {
  const part = 'problem';
  const [first] = problems;
  if (first?.endsWith(':')) {
    return [{ part, message: problems.join('\n     '), remedy: first === NO_SERVER ? LISTEN : END }];
  }
  return problems.map((message) => ({ part, ...splitRemedy(message) }));
}

/** A reason why the app cannot be forked may hold its remedy. */
function splitRemedy(reason: string): { readonly message: string; readonly remedy: string } {
  const at = reason.indexOf('; ');
  return at < 0 ? { message: reason, remedy: PROBLEM } : { message: reason.slice(0, at), remedy: reason.slice(at + 2) };
}
