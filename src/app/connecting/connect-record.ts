import type { Socket } from 'node:net';
import { Script } from 'node:vm';
import type { LoadedAfter } from '../../channel/messages.js';
import type { TargetedSocket } from '../../fork-safety/connects.js';
import { scripts } from '../../node/inspector-session.js';
import { fileOf } from '../../util/call-site.js';

/** How far the app was loaded at some time. */
interface Mark {
  /** A script that is compiled then, and nothing else: what the engine compiles later comes after it. */
  readonly script: Script;
  readonly name: string;
  /** Resident memory, in bytes. */
  readonly resident: number;
}

interface Attempt {
  readonly socket: Socket;
  connected: boolean;
}

/** Remembers the connects that the app makes while it is loaded, for what is to be said about them at the fork. */
export class ConnectRecord {
  /** The last one of each destination. */
  readonly #attempts = new Map<string, Attempt>();
  readonly #watched = new WeakSet<Socket>();
  /** What was known at the first connect to each destination. */
  readonly #marks = new Map<string, Mark>();

  add(socket: Socket, destination: string): void {
    this.#attempts.set(destination, { socket, connected: false });
    // One listener, however often the socket tries.
    if (!this.#watched.has(socket)) socket.prependListener('connect', () => this.#connected(socket));
    this.#watched.add(socket);
    if (!this.#marks.has(destination)) this.#marks.set(destination, mark(`prefork:connect:${this.#marks.size}`));
  }

  /** Forgets all, in a process that will not be asked any more. */
  clear(): void {
    this.#attempts.clear();
    this.#marks.clear();
  }

  /** The destinations that the app has tried in vain. */
  get failed(): TargetedSocket[] {
    return [...this.#attempts]
      .filter(([, { socket, connected }]) => !connected && socket.destroyed)
      .map(([destination, { socket }]) => ({ destination, socket }));
  }

  /** What was loaded after the first connect to any of these: files, and bytes of memory by which the process grew. */
  loadedSince(destinations: readonly string[]): LoadedAfter | undefined {
    const known = new Set(destinations);
    const [first] = [...this.#marks].filter(([destination]) => known.has(destination)).map(([, each]) => each);
    if (first === undefined) return undefined;
    const bytes = Math.max(0, process.memoryUsage.rss() - first.resident);
    return { files: filesAfter(first.name), bytes };
  }

  #connected(socket: Socket): void {
    for (const attempt of this.#attempts.values()) if (attempt.socket === socket) attempt.connected = true;
  }
}

function mark(name: string): Mark {
  const script = new Script('0', { filename: name });
  script.runInThisContext(); // The debugger's view lists no script before it has run.
  return { script, name, resident: process.memoryUsage.rss() };
}

/** How many of the app's files the engine has compiled after a script. */
function filesAfter(script: string): number | undefined {
  const names = scripts();
  const files = names?.slice(names.indexOf(script) + 1).flatMap((name) => fileOf(name) ?? []);
  return files && new Set(files).size;
}
