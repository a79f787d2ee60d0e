import { setTimeout as sleep } from 'node:timers/promises';
import { outputError } from '../output/output-error.js';
import { type Option, UsageError } from './command.js';

export interface Watch<T> {
  readonly look: () => T;
  readonly render: (now: T, before: T | undefined) => string;
  /** Milliseconds. */
  readonly interval: number;
  /** On a terminal, in place on a screen of its own. */
  readonly full: boolean;
}

/** The option that goes with watch(). */
export const INTERVAL = {
  type: 'string',
  default: '1',
  placeholder: 'seconds',
  help: 'how often --watch does',
} as const satisfies Option;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** q, Ctrl-C and Ctrl-D. */
const QUIT_KEYS = [0x71, 3, 4];
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';

/** The option's value in milliseconds. @throws UsageError */
export function interval(text: string): number {
  const seconds = Number(text);
  if (/^\d*\.?\d+$/.test(text) && seconds >= 0.1 && seconds <= 3600) return seconds * 1000;
  throw new UsageError(`--interval must be 0.1 to 3600 seconds, not '${text}'`);
}

/** Prints it again and again, until a signal, the key q, or the output's reader ends it. @throws when the output fails otherwise */
export async function watch<T>({ look, render, interval, full }: Watch<T>): Promise<number> {
  const { stdin, stdout } = process;
  const end = new AbortController();
  const screen = full && stdout.isTTY;
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error) => {
    failure ??= error;
    end.abort();
  });
  for (const signal of SIGNALS) process.on(signal, () => end.abort());
  const releaseKeys = screen && stdin.isTTY ? onQuitKey(() => end.abort()) : () => {};
  if (screen) stdout.write(ENTER);
  try {
    let before: T | undefined;
    while (!end.signal.aborted) {
      const now = look();
      const text = render(now, before);
      stdout.write(screen ? frame(text, stdout) : text);
      before = now;
      await sleep(interval, undefined, { signal: end.signal }).catch(() => {});
    }
  } finally {
    if (screen) stdout.write(LEAVE);
    releaseKeys();
  }
  if (failure !== undefined && failure.code !== 'EPIPE') throw outputError(failure);
  return 0;
}

function onQuitKey(quit: () => void): () => void {
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.on('data', (keys: Buffer) => {
    if (keys.some((key) => QUIT_KEYS.includes(key))) quit();
  });
  return () => {
    stdin.setRawMode(false);
    stdin.destroy();
  };
}

/** As much of the text as fits, over what was there. */
function frame(text: string, { rows, columns }: { readonly rows: number; readonly columns: number }): string {
  const lines = text.split('\n').slice(0, rows);
  return `\x1b[H${lines.map((line) => `${line.slice(0, columns)}\x1b[K`).join('\n')}\x1b[J`;
}
