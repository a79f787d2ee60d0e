import { COUNTERS, COUNTERS_OFFSET, FIELDS } from './layout.js';

const STATES = ['free', 'booting', 'ready', 'draining'] as const;

export type WorkerState = (typeof STATES)[number];

/**
 * The numbers about one worker: on the scoreboard, where the monitor alone writes them, and in the memory of the worker's
 * own report. A reader sees each number whole, but not all of them of one moment.
 */
export class WorkerRecord {
  readonly #fields: Int32Array;
  readonly #counters: Float64Array;

  /** @param index its place on the scoreboard @param offset where it begins in the memory, in bytes */
  constructor(
    memory: ArrayBuffer,
    readonly index: number,
    offset: number,
  ) {
    this.#fields = new Int32Array(memory, offset, Object.keys(FIELDS).length);
    this.#counters = new Float64Array(memory, offset + COUNTERS_OFFSET, Object.keys(COUNTERS).length);
  }

  get state(): WorkerState {
    return STATES[this.#fields[FIELDS.state] as number] ?? 'free';
  }
  set state(state: WorkerState) {
    this.#fields[FIELDS.state] = STATES.indexOf(state);
  }

  /** 0 until it is known. */
  get pid(): number {
    return this.#fields[FIELDS.pid] as number;
  }
  set pid(pid: number) {
    this.#fields[FIELDS.pid] = pid;
  }

  get slot(): number {
    return this.#fields[FIELDS.slot] as number;
  }
  set slot(slot: number) {
    this.#fields[FIELDS.slot] = slot;
  }

  get generation(): number {
    return this.#fields[FIELDS.generation] as number;
  }
  set generation(generation: number) {
    this.#fields[FIELDS.generation] = generation;
  }

  /** How many are open now. */
  get connections(): number {
    return this.#counters[COUNTERS.connections] as number;
  }
  set connections(count: number) {
    this.#counters[COUNTERS.connections] = count;
  }

  /** How many connections it has accepted so far. */
  get accepted(): number {
    return this.#counters[COUNTERS.accepted] as number;
  }
  set accepted(count: number) {
    this.#counters[COUNTERS.accepted] = count;
  }

  /** How many requests it has been sent so far. */
  get requests(): number {
    return this.#counters[COUNTERS.requests] as number;
  }
  set requests(count: number) {
    this.#counters[COUNTERS.requests] = count;
  }

  /** Milliseconds since 1970. */
  get startedAt(): number {
    return this.#counters[COUNTERS.startedAt] as number;
  }
  set startedAt(time: number) {
    this.#counters[COUNTERS.startedAt] = time;
  }

  /** When its event loop last turned, by monotonicNow(). */
  get heartbeat(): number {
    return this.#counters[COUNTERS.heartbeat] as number;
  }
  set heartbeat(time: number) {
    this.#counters[COUNTERS.heartbeat] = time;
  }

  /** The longest delay of its event loop of late, in milliseconds. */
  get loopDelay(): number {
    return this.#counters[COUNTERS.loopDelay] as number;
  }
  set loopDelay(delay: number) {
    this.#counters[COUNTERS.loopDelay] = delay;
  }

  /** Which part of the time its event loop was at work of late, 0 to 1. */
  get busy(): number {
    return this.#counters[COUNTERS.busy] as number;
  }
  set busy(part: number) {
    this.#counters[COUNTERS.busy] = part;
  }

  /** All zero, and free: no process may hold it any more. */
  clear(): void {
    this.#counters.fill(0);
    this.#fields.fill(0);
  }
}

/** Milliseconds of CLOCK_MONOTONIC, which all processes of a machine share. */
export function monotonicNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
