import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** pino (9.10 and newer) tells here of each line before it makes it. */
const LINE = 'tracing:pino_asJson:start';
/** A transport has written its lines when its Worker has done nothing for so long, in milliseconds; … */
const TRANSPORT_IDLE_MS = 100;
/** … and one that always does something is waited for so long. */
const MAX_TRANSPORT_WAIT_MS = 2000;
const LOOK_EVERY_MS = 5;
/** By so much, in milliseconds, the time varies for which a Worker is said to have worked. */
const NOISE_MS = 0.02;

/** A logger of pino's, under the symbols of the copy of pino that made it. */
type Logger = Record<symbol, unknown>;

/** What a logger writes to: pino.destination(), a transport, several of them, or any stream. */
interface Destination {
  flushSync?(): void;
  /** A transport's Worker, which takes the lines and writes them in its own time. */
  readonly worker?: unknown;
  /** The destinations of pino.multistream(). */
  readonly streams?: readonly { readonly stream: Destination }[];
}

/** Loggers to which a line was written in the zygote, and which may still hold it. */
const destinations = new Set<Destination>();
/** The zygote's process id as loggers have it in front of each line. */
let stalePid = '';

/** Remembers, from now on, where pino writes to: to be called before the app is loaded. */
export function watchLoggers(): void {
  stalePid = `"pid":${process.pid}`;
  subscribe(LINE, rememberDestination);
}

/**
 * Has what pino keeps for later written, before the fork: otherwise each worker would write it.
 * @returns why some of it could not be
 */
export function flushLoggers(): string[] {
  return [...destinations].flatMap((destination) => {
    try {
      destination.flushSync?.();
      return [];
    } catch (error) {
      return [`what pino has not written yet is written by every worker: ${(error as Error).message}`];
    }
  });
}

/** Before the fork: waits until transports have written what they were given, which each worker would write otherwise. */
export async function settleTransports(): Promise<void> {
  const workers = [...destinations].flatMap(workersOf);
  if (workers.length === 0) return;
  flushLoggers();
  const start = performance.now();
  let [worked, since] = [0, start];
  for (
    let now = start;
    now - since < TRANSPORT_IDLE_MS && now - start < MAX_TRANSPORT_WAIT_MS;
    now = performance.now()
  ) {
    const active = workers.reduce((sum, { performance }) => sum + performance.eventLoopUtilization().active, 0);
    if (active - worked > NOISE_MS) [worked, since] = [active, now];
    await wait(LOOK_EVERY_MS);
  }
}

function workersOf({ worker, streams = [] }: Destination): Worker[] {
  return [...(worker instanceof Worker ? [worker] : []), ...streams.flatMap(({ stream }) => workersOf(stream))];
}

/** In a worker: its lines have its own process id, which pino reads once, when it is loaded. */
export function correctLoggers(): void {
  unsubscribe(LINE, rememberDestination);
  destinations.clear();
  subscribe(LINE, correctLogger);
}

function rememberDestination(message: unknown): void {
  const logger = loggerOf(message);
  const destination = logger[symbolIn(logger, 'pino.stream')];
  if (typeof destination === 'object' && destination !== null) destinations.add(destination);
}

/** A logger begins its lines with text of its own, and a child of it with that text and more. */
function correctLogger(message: unknown): void {
  let logger = loggerOf(message);
  const bindings = symbolIn(logger, 'pino.chindings');
  if (!`${logger[bindings]}`.includes(stalePid)) return;
  const stale = new RegExp(`${stalePid}(?=,|$)`);
  // A child has its parent for a prototype, whose later children would begin with the same text.
  for (; logger !== null; logger = Object.getPrototypeOf(logger)) {
    if (!Object.hasOwn(logger, bindings)) continue;
    logger[bindings] = `${logger[bindings]}`.replace(stale, `"pid":${process.pid}`);
  }
}

function loggerOf(message: unknown): Logger {
  return (message as { readonly instance: Logger }).instance;
}

const symbols = new Map<string, symbol>();

/** Each copy of pino has symbols of its own, known by what they are called. */
function symbolIn(logger: Logger, description: string): symbol {
  const known = symbols.get(description);
  if (known !== undefined && known in logger) return known;
  for (let object: object | null = logger; object !== null; object = Object.getPrototypeOf(object)) {
    const found = Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
    if (found === undefined) continue;
    symbols.set(description, found);
    return found;
  }
  return Symbol();
}
