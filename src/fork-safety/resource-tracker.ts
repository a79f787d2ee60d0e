import { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import Module, { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import workerThreads, { type Worker, type WorkerOptions } from 'node:worker_threads';
import type { CodeFlag } from '../node/flags.js';
import { override, overrideOpening } from '../node/methods.js';
import { nodesThreadName } from '../node/thread-names.js';
import { threadNames } from '../proc/threads.js';
import { callerPlace } from '../util/call-site.js';
import type { StartedWorker } from './worker-text.js';

/** Hooks for import. */
export interface ImportHooks {
  /** The call, with its place, or the flag. */
  readonly cause: string;
  readonly place: string | undefined;
}

/** Where in the app's code what a fork would share was opened. */
export class Recording {
  readonly #places = new WeakMap<object, string>();
  readonly #children = new Set<ChildProcess>();
  readonly #workers = new Map<Worker, StartedWorker>();
  readonly #hooks: ImportHooks[] = [];
  /** The names of the threads that were there before the app: Node's own. */
  readonly threads: ReadonlySet<string> = new Set(threadNames());
  /** The names that newer Nodes give the threads of the app's Workers, which have them until they run code of ours. */
  readonly threadsOfWorkers = new Set<string>();
  readonly #onNote: ((opened: object) => void) | undefined;
  #on = true;

  /** @param onNote told of each thing that is noted: sockets before they connect, the others once they are there */
  constructor(onNote?: (opened: object) => void) {
    this.#onNote = onNote;
  }

  /** Whether anything is noted any more. */
  get isOn(): boolean {
    return this.#on;
  }

  /** 'file:line:column', with the package that the call came through. */
  placeOf(opened: object): string | undefined {
    return this.#places.get(opened);
  }

  /** The child processes that run. */
  get children(): ChildProcess[] {
    return [...this.#children].filter((child) => child.pid !== undefined && !hasEnded(child));
  }

  /** The Workers that this thread has started, and that run. */
  get startedWorkers(): StartedWorker[] {
    return [...this.#workers].filter(([{ threadId }]) => threadId >= 0).map(([, started]) => started);
  }

  /** What Node runs in a thread of its own. */
  get hooks(): readonly ImportHooks[] {
    return this.#hooks;
  }

  /** For a worker, where nothing is examined any more. */
  stop(): void {
    this.#on = false;
    this.#children.clear();
    this.#workers.clear();
  }

  /** Notes the loaders among the modules that Node's flags have this process run. */
  noteLoaders(flags: readonly CodeFlag[]): void {
    const loaders = flags.filter(({ kind }) => kind === 'loader');
    this.#hooks.push(...loaders.map(({ module }) => ({ cause: `--loader ${module}`, place: undefined })));
  }

  /** @param above the function that the app has called */
  noteHooks(above: (...args: never[]) => unknown): void {
    if (!this.#on) return;
    const place = callerPlace(above);
    this.#hooks.push({ cause: `module.register${place === undefined ? '' : ` at ${place}`}`, place });
  }

  /** @param above the function that the app has called */
  note(opened: object, above: (...args: never[]) => unknown): void {
    if (!this.#on) return;
    const place = callerPlace(above);
    if (place !== undefined) this.#places.set(opened, place);
    if (opened instanceof ChildProcess) this.#children.add(opened);
    this.#onNote?.(opened);
  }

  /** @param above the function that the app has called */
  noteWorker(
    worker: Worker,
    script: unknown,
    options: WorkerOptions | undefined,
    above: (...args: never[]) => unknown,
  ): void {
    if (!this.#on) return;
    const name = options?.name;
    const started = {
      id: worker.threadId,
      script: options?.eval ? undefined : pathOf(script),
      place: callerPlace(above),
    };
    this.#workers.set(worker, name === undefined ? started : { ...started, name: `${name}` });
    this.threadsOfWorkers.add(nodesThreadName(name));
    this.#onNote?.(worker);
  }
}

/** What `new Worker()` was given. */
function pathOf(script: unknown): string | undefined {
  const text = `${script}`;
  if (text.startsWith('file:')) return fileURLToPath(text);
  return /^[a-z]+:/.test(text) ? undefined : text;
}

/** Begins to remember where the app opens sockets, watchers and the like; to be called before the app is loaded. */
export function startRecording(onNote?: (opened: object) => void): Recording {
  const recording = new Recording(onNote);
  overrideOpening(
    (original) =>
      function opening(this: object, ...args: unknown[]) {
        recording.note(this, opening);
        return original.apply(this, args);
      },
  );
  noteResult(recording, fs, 'watch');
  noteResult(recording, fs, 'watchFile');
  noteWorkers(recording);
  noteRegistered(recording);
  syncBuiltinESMExports();
  return recording;
}

function noteResult<Name extends string>(recording: Recording, module: Record<Name, unknown>, name: Name): void {
  override(
    module,
    name,
    (original) =>
      function opening(this: object, ...args: unknown[]) {
        const opened = original.apply(this, args);
        recording.note(opened as object, opening);
        return opened;
      },
  );
}

function noteWorkers(recording: Recording): void {
  const Worker = new Proxy(workerThreads.Worker, {
    construct: function opening(target, args, newTarget) {
      const worker = Reflect.construct(target, args, newTarget) as Worker;
      recording.noteWorker(worker, args[0], args[1], opening);
      return worker;
    },
  });
  Object.assign(workerThreads, { Worker });
}

function noteRegistered(recording: Recording): void {
  const { register } = Module;
  Object.assign(Module, {
    register: function registering(...args: Parameters<typeof register>) {
      recording.noteHooks(registering);
      return register.apply(Module, args);
    },
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
