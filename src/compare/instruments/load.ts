import { availableParallelism } from 'node:os';
import { meter, type ProcessorUse } from '../../proc/usage.js';
import { packageFile } from '../../util/package-files.js';
import type { Done, Job } from '../clients/job.js';
import { Program } from '../program.js';
import type { App, Server } from '../scenario.js';
import { countCalls } from './strace.js';

// What clients in processes of their own get done, each of which sends its next request when it has its answer, and what
// that costs the server.

type Work = Omit<Job, 'port'>;

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

/** What clients do, and what the server's processes use meanwhile. @throws Error when no request is answered */
export async function underLoad(server: Server, work: Work): Promise<{ load: Load; used: ProcessorUse }> {
  return loaded(server, work, async () => meter(server));
}

/** How many system calls the server's processes make for each request; null where they cannot be counted, and why. */
export async function callsOf(server: Server, work: Work): Promise<{ calls: number | null; note?: string }> {
  try {
    const { load, used } = await loaded(server, work, () => countCalls(server.members()));
    return { calls: used / load.requests };
  } catch (error) {
    return { calls: null, note: (error as Error).message };
  }
}

/**
 * Has clients warm up and do their work, once.
 * @param watch begins to look at the server's processes, and returns what ends it and tells
 * @throws Error when a client fails, or no request is answered
 */
async function loaded<T>({ app, port, workers }: Server, work: Work, watch: () => Promise<() => T | Promise<T>>) {
  const jobs = split({ ...work, port }, processesOf(app, work.connections, workers));
  const clients = jobs.map((job) => new Program([process.execPath, PROGRAMS[app], JSON.stringify(job)]));
  const all = (pattern: RegExp) => Promise.all(clients.map(async (client) => (await client.line(pattern))[0]));
  try {
    await all(/^ready$/);
    const end = await watch();
    for (const client of clients) client.say('');
    const lines = await all(/^\{.*\}$/).catch(async (error) => {
      await end();
      throw error;
    });
    const used = await end();
    const load = sumOf(lines.map((line) => JSON.parse(line)));
    if (load.requests === 0) throw new Error('no request was answered');
    return { load, used };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

function sumOf(all: readonly Done[]): Load {
  const latencies = Float64Array.from(all.flatMap((done) => done.latencies)).sort();
  return {
    requests: latencies.length,
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
    latencies,
    busy: Math.max(...all.map(({ busy }) => busy)),
  };
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
