import { availableParallelism } from 'node:os';
import { packageFile } from '../../util/package-files.js';
import { Program } from '../program.js';
import type { App, Server } from '../servers/server.js';
import type { Done, Job } from './job.js';

/** What all clients have done together. */
export interface Load {
  /** How many requests were answered in full. */
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  /** In milliseconds, ascending. With the time to connect, where a request was the first of its connection. */
  readonly latencies: Float64Array;
  /** Which part of the time the clients themselves were at work, 0 to 1; of blocking ones it tells nothing. */
  readonly busy: number;
}

const PROGRAMS: Readonly<Record<App, string>> = {
  http: packageFile('dist/compare/programs/http-load.js'),
  echo: packageFile('dist/compare/programs/echo-load.js'),
};
/** One process that asks over http keeps several workers busy. */
const MAX_PROCESSES = 4;

/** Clients in processes of their own, each of which sends its next request when it has its answer. */
export class Clients {
  readonly #programs: readonly Program[];

  private constructor(app: App, jobs: readonly Job[]) {
    this.#programs = jobs.map((job) => new Program([process.execPath, PROGRAMS[app], JSON.stringify(job)]));
  }

  /** Starts them and waits until they have warmed up. @throws Error when one fails */
  static async start(
    { app, port, workers }: Pick<Server, 'app' | 'port' | 'workers'>,
    wanted: Omit<Job, 'port'>,
  ): Promise<Clients> {
    const clients = new Clients(app, split({ ...wanted, port }, processesOf(app, wanted.connections, workers)));
    try {
      await clients.#lines(/^ready$/);
      return clients;
    } catch (error) {
      await clients[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Has them do their work, once. @throws Error when one fails */
  async run(): Promise<Load> {
    for (const program of this.#programs) program.say('');
    const all = (await this.#lines(/^\{.*\}$/)).map((line) => JSON.parse(line) as Done);
    const latencies = Float64Array.from(all.flatMap((done) => done.latencies)).sort();
    return {
      requests: latencies.length,
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
      seconds: Math.max(...all.map(({ seconds }) => seconds)),
      latencies,
      busy: Math.max(...all.map(({ busy }) => busy)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.end()));
  }

  /** The next such line of each. */
  #lines(pattern: RegExp): Promise<string[]> {
    return Promise.all(this.#programs.map(async (program) => (await program.line(pattern))[0]));
  }
}

/** A client that blocks has one for itself; others get as many as the server leaves processors. */
function processesOf(app: App, connections: number, workers: number): number {
  if (app === 'echo') return connections;
  return Math.min(MAX_PROCESSES, connections, Math.max(1, availableParallelism() - workers));
}

function split(job: Job, processes: number): Job[] {
  const part = (total: number, index: number) => Math.floor((total + index) / processes);
  return Array.from({ length: processes }, (_, index) => ({
    ...job,
    connections: part(job.connections, index),
    ...(job.requests === undefined ? {} : { requests: part(job.requests, index) }),
  }));
}
