import { readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** What a process of clients is to do, as its command line gives it in JSON. */
export interface Job {
  readonly port: number;
  /** At a time. */
  readonly connections: number;
  /** How many requests or lines are sent on a connection before the next one is opened. As many as there are by default. */
  readonly perConnection?: number;
  /** How many there are in all. As many as the time allows by default. */
  readonly requests?: number;
  /** How long they are sent. */
  readonly seconds: number;
  /** How long before that, in seconds, with nothing counted. */
  readonly warmUp: number;
}

/** What it has done, as it prints it. */
export interface Done {
  /** How long each whole answer took, in milliseconds. */
  readonly latencies: readonly number[];
  /** Refused, broken off, wrong or late. */
  readonly failed: number;
  readonly seconds: number;
  /** Which part of the time the clients themselves were at work, 0 to 1. */
  readonly busy: number;
}

/** How long a request may wait for its answer after the time is over; then it has failed. */
export const ANSWER_TIMEOUT_MS = 2000;

/** What is done of a job: sent by a client as long as it may, and counted. */
export class Tally {
  readonly #end: number;
  #left: number;
  /** Of those that were answered, in milliseconds. */
  readonly latencies: number[] = [];
  failed = 0;

  constructor({ seconds, requests = Number.POSITIVE_INFINITY }: Job) {
    this.#end = performance.now() + seconds * 1000;
    this.#left = requests;
  }

  /** Whether one more is to be sent; if so, it has to be. */
  takes(): boolean {
    if (this.#left <= 0 || performance.now() >= this.#end) return false;
    this.#left--;
    return true;
  }
}

/** The whole of a process of clients: warms up, says 'ready', waits for a line, works and prints what it has done. */
export async function perform(work: (job: Job, tally: Tally) => unknown): Promise<void> {
  const job = JSON.parse(process.argv[2] ?? '') as Job;
  const { requests: _, ...unlimited } = job;
  const warmUp = { ...unlimited, seconds: job.warmUp };
  await work(warmUp, new Tally(warmUp));
  console.log('ready');
  if (readSync(0, Buffer.alloc(1)) === 0) return; // The program that started it has ended.
  const tally = new Tally(job);
  const start = performance.now();
  const idle = performance.eventLoopUtilization();
  await work(job, tally);
  const seconds = (performance.now() - start) / 1000;
  const busy = performance.eventLoopUtilization(idle).utilization;
  const latencies = tally.latencies.map((latency) => Math.round(latency * 1e4) / 1e4);
  console.log(JSON.stringify({ latencies, failed: tally.failed, seconds, busy } satisfies Done));
}
