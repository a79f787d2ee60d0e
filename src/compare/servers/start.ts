import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStat } from '../../proc/process.js';
import { readServer } from '../../scoreboard/index.js';
import { ask } from '../clients/ask.js';
import { commandLine, READY, type StartOptions } from './command-line.js';
import { complaintIn } from './complaint.js';
import { endMarked, killAll, MARK, marked } from './marked.js';
import type { Server } from './server.js';

/** How long a server may take until it serves, in milliseconds. */
const PATIENCE = 60_000;
/** How often it is asked whether it answers yet. */
const PAUSE = 5;

const marks = new Set<string>();
// A comparison that is broken off leaves nothing behind.
process.on('exit', () => {
  for (const mark of marks) killAll(marked(mark));
});

/** Starts a server and waits until all its workers serve. @throws Error with what it said last when it does not */
export async function startServer(options: StartOptions): Promise<Server> {
  const port = await freePort();
  const mark = randomUUID();
  marks.add(mark);
  const server = new StartedServer(options, port, mark);
  try {
    await server.ready();
    return server;
  } catch (error) {
    await server.end();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

class StartedServer implements Server {
  readonly #options: StartOptions;
  readonly #mark: string;
  readonly #process: ChildProcess;
  readonly #started = performance.now();
  readonly #lines: string[] = [];
  readonly #others: Server[] = [];
  readonly took = { answer: 0, all: 0 };

  constructor(
    options: StartOptions,
    readonly port: number,
    mark: string,
  ) {
    this.#options = options;
    this.#mark = mark;
    this.#process = spawn(process.execPath, commandLine(options, port), {
      env: { ...process.env, PORT: `${port}`, [MARK]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  get model() {
    return this.#options.model;
  }

  get app() {
    return this.#options.app;
  }

  get workers() {
    return this.#options.workers;
  }

  get root(): number {
    return this.#process.pid ?? 0;
  }

  /** Waits for its first answer and for the line that says that all serve. */
  async ready(): Promise<void> {
    const limit = AbortSignal.timeout(PATIENCE);
    const late = once(limit, 'abort').then(() => {
      throw new Error(`the server did not serve within ${PATIENCE / 1000} s`);
    });
    const exited = once(this.#process, 'exit').then(() => {
      throw new Error(`the server has ended: ${complaintIn(this.#lines.join('\n'))}`);
    });
    for (const failure of [late, exited]) failure.catch(() => {});
    const all = this.#untilAllServe();
    await Promise.race([Promise.all([all, this.#untilAnswer(limit)]), exited, late]);
  }

  async #untilAnswer(limit: AbortSignal): Promise<void> {
    while ((await ask(this.port, this.app)) === undefined && !limit.aborted) await sleep(PAUSE);
    this.took.answer = performance.now() - this.#started;
  }

  #untilAllServe(): Promise<void> {
    return new Promise((resolve) => {
      for (const stream of [this.#process.stdout, this.#process.stderr]) {
        if (stream === null) continue;
        createInterface({ input: stream }).on('line', (line) => {
          this.#lines.push(line);
          if (this.took.all > 0 || !READY[this.model].test(line)) return;
          this.took.all = performance.now() - this.#started;
          resolve();
        });
      }
    });
  }

  serving(): number[] {
    switch (this.model) {
      case 'event-loop':
        return [this.root];
      case 'start':
        return readServer(this.root).workers.flatMap(({ pid }) => (pid === 0 ? [] : [pid]));
      default:
        return this.members().filter((pid) => readStat(pid)?.parent === this.root);
    }
  }

  members(): number[] {
    return marked(this.#mark).sort((one, other) => Number(other === this.root) - Number(one === this.root));
  }

  log(): readonly string[] {
    return this.#lines;
  }

  async another(workers: number): Promise<Server> {
    const other = await startServer({ ...this.#options, workers });
    this.#others.push(other);
    return other;
  }

  async end(): Promise<void> {
    await endMarked(this.#mark);
    marks.delete(this.#mark);
    for (const other of this.#others) await other.end();
  }
}
