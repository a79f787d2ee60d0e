import type { Figure, FigureProcess } from '../../figure/figure.js';

/** A line of a lesson's source, and the processes that are in it now. */
export interface Mark {
  readonly line: number;
  readonly pids: readonly number[];
  /** Those that may as well be in another of the lines. */
  readonly perhaps: readonly number[];
}

/** Which lines of a program may wait in a system call. */
const CALLS: readonly (readonly [call: RegExp, code: RegExp])[] = [
  [/^accept4?\(/, /(?<![.\w])accept\(/],
  [/^read\(/, /\.gets\(\)|(?<![.\w])read\(asked/],
  [/^wait4$/, /\b(waitpid|waitall)\(/],
  [/^(poll|ppoll)$/, /(?<![.\w])poll\(/],
  [/^connect\(/, /(?<![.\w])connect\(/],
];
/** Lines whose text is written in the functions that they call. */
const CALLED: readonly (readonly [text: RegExp, code: RegExp])[] = [
  [/telnet localhost \d+/, /\bsayWhereToConnect\(/],
  [/^# (child|子プロセス) \d+ (has ended with|was ended by|が)/, /\bwaitall\(/],
];
/** A text in a source line: of puts, or one language's of say. */
const LITERAL = /(?:puts\(|(?:en|ja): )(['`])((?:\\.|(?!\1).)*)\1/g;
const MODULE_PART = /^(?:import|export const (?:title|heeds)| {2}\w+(?: \w+)?,$| {2}(?:en|ja): |\} from|\};$)/;

/** The lines in which the processes of a lesson are, by what each waits in. @param source TypeScript, as it was written */
export function marksOf(source: string, figure: Figure): Mark[] {
  const lines = source.split('\n');
  const start = firstLine(lines);
  const places = figure.processes.map((process) => {
    const found = linesOf(process, figure, lines).filter((line) => line >= start);
    return { pid: process.pid, found };
  });
  const pidsAt = (line: number, sure: boolean) =>
    places.filter(({ found }) => found.includes(line) && (found.length === 1) === sure).map(({ pid }) => pid);
  const marked = [...new Set(places.flatMap(({ found }) => found))];
  return marked.map((line) => ({ line, pids: pidsAt(line, true), perhaps: pidsAt(line, false) }));
}

/** Where the program begins: what it imports, and its title, say nothing about it. */
export function firstLine(lines: readonly string[]): number {
  const first = lines.findIndex((line) => line.trim() !== '' && !MODULE_PART.test(line));
  return first < 0 ? 0 : first;
}

function linesOf(process: FigureProcess, figure: Figure, lines: readonly string[]): number[] {
  const { prints, waitsIn, state } = process;
  if (state === 'zombie') return [];
  if (prints !== undefined) return printing(prints, process, figure, lines);
  const [, code] = CALLS.find(([call]) => call.test(waitsIn ?? '')) ?? [];
  if (code === undefined) return [];
  return narrowed(matching(lines, code), process, figure, lines);
}

/** Where a program reads its client's lines, it reads nothing else. */
function narrowed(found: number[], process: FigureProcess, figure: Figure, lines: readonly string[]): number[] {
  const [, fd] = /^read\((\d+)\)$/.exec(process.waitsIn ?? '') ?? [];
  if (fd === undefined) return found;
  const serves = figure.connections.some(({ holders }) =>
    holders.some((holder) => holder.pid === process.pid && holder.fd === Number(fd)),
  );
  return found.filter((line) => readsClient(line, lines) === serves);
}

/** By the last reader that was made above the line, of the same name. */
function readsClient(line: number, lines: readonly string[]): boolean {
  const [, name] = /(\w+)\.gets\(\)/.exec(lines[line] ?? '') ?? [];
  const made = lines.slice(0, line).findLast((code) => code.includes(`const ${name} = new LineReader(`));
  return /LineReader\((client|socket)\.fd\)/.test(made ?? '');
}

function printing(text: string, process: FigureProcess, figure: Figure, lines: readonly string[]): number[] {
  const line = text.replace(/\n$/, '');
  const [, called] = CALLED.find(([pattern]) => pattern.test(line)) ?? [];
  if (called !== undefined) return matching(lines, called);
  const literal = lines.flatMap((code, index) => (literalsOf(code).some((pattern) => pattern.test(line)) ? index : []));
  if (literal.length > 0) return literal;
  // What is printed is a value, such as the number of a descriptor.
  const values = matching(lines, /\bputs\((?!['`])/);
  const holds = figure.listeners.some(({ holders }) =>
    holders.some(({ pid, fd }) => pid === process.pid && `${fd}` === line),
  );
  const listening = values.filter((index) => lines[index]?.includes('listening.fd'));
  if (listening.length === 0) return values;
  return holds ? listening : values.filter((index) => !listening.includes(index));
}

function literalsOf(code: string): RegExp[] {
  return [...code.matchAll(LITERAL)].map(([, , text = '']) => {
    const parts = text.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^(?:# )?${parts.join('.*')}$`);
  });
}

function matching(lines: readonly string[], code: RegExp): number[] {
  return lines.flatMap((line, index) => (code.test(line) && !/^\s*(\/\/|\*|import)/.test(line) ? index : []));
}
