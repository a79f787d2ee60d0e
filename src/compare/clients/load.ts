import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { complaintIn } from '../servers/complaint.js';
import type { App, Server } from '../servers/server.js';
import type { Done, Job } from './job.js';

/** What all clients have done together. */
export interface Load {
  /** Those that were answered in full. */
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  /** In milliseconds, ascending. With the time to connect, where a request was the first of its connection. */
  readonly latencies: Float64Array;
  /** Which part of the time the clients themselves were at work, 0 to 1; of blocking ones it tells nothing. */
  readonly busy: number;
}

type Process = ChildProcessByStdio<Writable, Readable, Readable>;

const PROGRAMS: Readonly<Record<App, string>> = {
  http: fileURLToPath(new URL('../programs/http-load.js', import.meta.url)),
  echo: fileURLToPath(new URL('../programs/echo-load.js', import.meta.url)),
};
/** One process that asks over http keeps several workers busy. */
const MOST_PROCESSES = 4;

/** Clients in processes of their own, each of which sends its next request when it has its answer. */
export class Clients {
  readonly #processes: readonly Process[];
  readonly #lines: readonly AsyncIterator<string>[];
  readonly #errors: string[] = [];

  private constructor(app: App, jobs: readonly Job[]) {
    this.#processes = jobs.map((job) =>
      spawn(process.execPath, [PROGRAMS[app], JSON.stringify(job)], { stdio: ['pipe', 'pipe', 'pipe'] }),
    );
    this.#lines = this.#processes.map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]());
    for (const { stdin, stderr } of this.#processes) {
      stdin.on('error', () => {}); // It has ended, which its output tells.
      stderr.setEncoding('utf8').on('data', (text) => this.#errors.push(text));
    }
  }

  /** Starts them and waits until they have warmed up. @throws Error when one fails */
  static async start({ app, port, workers }: Server, wanted: Omit<Job, 'port'>): Promise<Clients> {
    const clients = new Clients(app, split({ ...wanted, port }, processesOf(app, wanted.connections, workers)));
    try {
      await clients.#next();
      return clients;
    } catch (error) {
      clients.end();
      throw error;
    }
  }

  /** Has them do their work, once. @throws Error when one fails */
  async run(): Promise<Load> {
    for (const { stdin } of this.#processes) stdin.write('\n');
    const all = (await this.#next()).map((line) => JSON.parse(line) as Done);
    const latencies = Float64Array.from(all.flatMap((done) => done.latencies)).sort();
    return {
      requests: latencies.length,
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
      seconds: Math.max(...all.map(({ seconds }) => seconds)),
      latencies,
      busy: Math.max(...all.map(({ busy }) => busy)),
    };
  }

  end(): void {
    for (const each of this.#processes) each.kill('SIGKILL');
  }

  /** The next line of each. */
  async #next(): Promise<string[]> {
    const results = await Promise.all(this.#lines.map((lines) => lines.next()));
    return results.map(({ done, value }) => {
      if (!done) return value;
      throw new Error(`a client has ended: ${complaintIn(this.#errors.join(''))}`);
    });
  }
}

/** The value that such a part of all do not exceed. @param sorted ascending @returns null of none */
export function percentile(sorted: ArrayLike<number>, part: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}

/** A client that blocks has one for itself; others get as many as the server leaves processors. */
function processesOf(app: App, connections: number, workers: number): number {
  if (app === 'echo') return connections;
  return Math.min(MOST_PROCESSES, connections, Math.max(1, availableParallelism() - workers));
}

function split(job: Job, processes: number): Job[] {
  const part = (total: number, index: number) => Math.floor((total + index) / processes);
  return Array.from({ length: processes }, (_, index) => ({
    ...job,
    connections: part(job.connections, index),
    ...(job.requests === undefined ? {} : { requests: part(job.requests, index) }),
  }));
}
