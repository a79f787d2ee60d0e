import { outputError } from '../../output/output-error.js';
import {
  _exit,
  type Address,
  type ChildStatus,
  close,
  getppid,
  type Listener,
  open,
  read,
  setParentDeathSignal,
  waitpid,
  writeAll,
} from '../../posix/index.js';

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Text = Readonly<Record<Language, string>>;

export interface Setting {
  /** 12345 as in the document, or 0 for any free port. */
  readonly port: number;
  readonly workers: number;
  /** Lesson 3's homework: send each line back. */
  readonly echo: boolean;
  /** Prints a line of explanation, in the reader's language, marked off from what the original program prints. */
  say(text: Text): void;
}

export interface Lesson {
  readonly title: Text;
  /** The settings, beside the port, that the lesson heeds. */
  readonly heeds?: readonly ('workers' | 'echo')[];
  run(setting: Setting): void;
}

/** The reader's language by the locale: LC_ALL, else LC_MESSAGES, else LANG. locale(7). */
export function language(env: NodeJS.ProcessEnv): Language {
  return /^ja/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'ja' : 'en';
}

export function sayIn(lang: Language): Setting['say'] {
  return (text) => puts(`# ${text[lang]}`);
}

/** Ruby's puts. Written at once and in full, for a child that ends abruptly or blocks for ever loses what is buffered. */
export function puts(line: string | number): void {
  try {
    writeAll(1, `${line}\n`);
  } catch (error) {
    // The reader of our output has gone ("prefork lesson 7 | head"): end as SIGPIPE does, which Node ignores.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') _exit(128 + 13);
    throw outputError(error as Error);
  }
}

export function portOf(address: Address): number {
  return address.family === 'unix' ? 0 : address.port;
}

export function sayWhereToConnect({ address }: Listener, say: Setting['say']): void {
  const command = `telnet localhost ${portOf(address)}`;
  say({ en: `in another terminal: ${command}`, ja: `べつのターミナルで: ${command}` });
}

/** A small file's text, as of /proc. */
export function readText(path: string): string {
  const fd = open(path);
  let text = '';
  for (let more = read(fd); more.length > 0; more = read(fd)) text += more.toString();
  close(fd);
  return text;
}

/**
 * In a child: end when the parent does, so that nothing stays behind when only the parent gets a signal (Ctrl-C in
 * a terminal reaches both). A process that blocks in accept(2) runs no JavaScript, so the kernel has to do it.
 */
export function endWithParent(parent: number): void {
  setParentDeathSignal('SIGKILL');
  if (getppid() !== parent) _exit(1);
}

/** Ruby's Process.waitall for `count` children, saying how each ended. */
export function waitall(count: number, say: Setting['say']): void {
  for (let n = 0; n < count; n++) {
    const status = waitpid();
    if (status !== undefined) say(ending(status));
  }
}

function ending({ pid, code, signal }: ChildStatus): Text {
  return signal === null
    ? { en: `child ${pid} has ended with status ${code}`, ja: `子プロセス ${pid} がステータス ${code} で終わりました` }
    : { en: `child ${pid} was ended by ${signal}`, ja: `子プロセス ${pid} が ${signal} で終わらされました` };
}
