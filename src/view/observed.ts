import type { Figure } from '../figure/figure.js';
import type { EchoOptions } from '../tutorial/event-loop/options.js';
import { LESSONS } from '../tutorial/lessons/index.js';
import { packageFile } from '../util/package-files.js';
import type { Model, Scene } from './messages.js';
import { OwnProgram } from './own-program.js';
import { Terminal } from './terminal.js';

/** What is looked at: one or more trees of processes, side by side. */
export interface Observed {
  readonly scene: Scene;
  readonly programs: readonly Observable[];
  readonly terminal: Terminal | null;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A tree of processes. */
export interface Observable {
  roots(): number[];
  /** Told what has been seen. */
  saw(figure: Figure): void;
  /** That process is its own, and alive, and so may be acted on. */
  has(pid: number, start: number): boolean;
}

/** Processes that somebody else has started: only looked at. */
export function others(roots: readonly number[]): Observed {
  return {
    scene: { show: 'others' },
    programs: [{ roots: () => [...roots], saw: () => {}, has: () => false }],
    terminal: null,
    start: async () => {
      throw new Error('prefork view acts only on processes that it has started itself');
    },
    close: async () => {},
  };
}

const ECHO_APP = packageFile('dist/tutorial/event-loop/worker.js');

/** The echo server, once for each model. */
export function echo(models: readonly Model[], workers: number): Observed {
  const programs = models.map((model) => new OwnProgram({ arguments: argumentsOf(model, workers), output: 'ready' }));
  return { scene: { show: 'echo', models }, terminal: null, ...together(programs) };
}

/** With options of `prefork echo` of one's own; what it prints is passed on. */
export function echoWith(model: Model, options: readonly string[], print: (line: string) => void): Observed {
  const program = new OwnProgram({ arguments: ['echo', '--model', model, ...options], output: 'ready', print });
  return { scene: { show: 'echo', models: [model] }, terminal: null, ...together([program]) };
}

function argumentsOf(model: Model, workers: number): string[] {
  if (model !== 'start') {
    return ['echo', '--model', model, '--host', '127.0.0.1', '--port', '0', '--workers', `${workers}`];
  }
  const address = { port: 0, host: '127.0.0.1' };
  const options: EchoOptions = { address, backlog: 511, limits: { write: 30_000, idle: 0 }, quiet: true };
  return ['start', '--workers', `${workers}`, ECHO_APP, '--', JSON.stringify(options)];
}

/** Those whose programs run to their end without a client are shown line by line, as they end too soon to be seen. */
const LINE_BY_LINE = [1, 2, 4, 5, 8, 9];

/** @param changed told when the terminal shows more */
export function lesson(scene: Extract<Scene, { show: 'lesson' }>, workers: number, changed: () => void): Observed {
  const { lesson: number, language } = scene;
  const terminal = new Terminal(changed);
  const program = new OwnProgram({
    arguments: [
      ...['lesson', `${number}`, '--port', '0', '--lang', language],
      ...(LESSONS[number - 1]?.heeds?.includes('workers') ? ['--workers', `${workers}`] : []),
    ],
    output: terminal.output,
    ended: (how, said) => terminal.ended(how, said),
  });
  terminal.pace = LINE_BY_LINE.includes(number) ? 'line' : 'run';
  const { close, ...rest } = together([program]);
  return {
    scene,
    terminal,
    ...rest,
    close: async () => {
      await close();
      terminal.close();
    },
  };
}

function together(programs: readonly OwnProgram[]): Pick<Observed, 'programs' | 'start' | 'close'> {
  return {
    programs,
    start: async () => {
      const ended = programs.filter(({ runs }) => !runs);
      if (ended.length === 0) throw new Error('the server runs already');
      await Promise.all(ended.map((program) => program.start()));
    },
    close: async () => {
      await Promise.all(programs.map((program) => program.close()));
    },
  };
}
