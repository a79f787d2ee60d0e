import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { PreforkError } from '../errors.js';
import type { MonitorEvent } from '../monitor/events.js';
import { readServer, type Snapshot } from '../scoreboard/index.js';

export type { MonitorEvent };

/** What the library asks of its monitor, over Node's own IPC. */
export type Order =
  | { readonly type: 'reload' }
  | { readonly type: 'scale'; readonly workers: number }
  | { readonly type: 'stop'; readonly quick: boolean };

type EventOf<Type extends MonitorEvent['type']> = Extract<MonitorEvent, { type: Type }>;

/** Each event of the monitor under its own type, and all of them under 'event'. */
export type ServiceEvents = { [Type in MonitorEvent['type']]: [EventOf<Type>] } & { event: [MonitorEvent] };

/** A running prefork server, whose monitor is a process of its own. */
export class Service extends EventEmitter<ServiceEvents> {
  /** The monitor's process id: the one to signal. */
  readonly pid: number;
  /** Where it listens: '127.0.0.1:8080', '[::]:8080', or a path. */
  addresses: readonly string[] = [];
  /** The monitor's exit status; null while it runs, or when a signal ended it. */
  exitCode: number | null = null;
  readonly #monitor: ChildProcess;
  /** The generation that the last reload loads, or loaded. */
  #begun = 0;
  readonly #exit: Promise<unknown>;

  /** @internal use serve() */
  constructor(monitor: ChildProcess) {
    super();
    this.#monitor = monitor;
    this.pid = monitor.pid as number;
    this.#exit = once(monitor, 'exit').then(([code]) => {
      this.exitCode = code;
    });
    monitor.on('message', (event: MonitorEvent) => {
      if (event.type === 'serving') this.addresses = event.addresses;
      if (event.type === 'reload begins') this.#begun = event.generation;
      for (const name of ['event', event.type]) Reflect.apply(this.emit, this, [name, event]);
    });
  }

  /** How it goes now, from its scoreboard. @throws when it has ended */
  status(): Snapshot {
    return readServer(this.pid);
  }

  /**
   * Loads the app anew and replaces all workers. Resolves once the new generation serves; while a reload runs, once the
   * one after it does.
   * @throws PreforkError ERR_PREFORK_RELOAD_FAILED when it does not load or does not get ready; the old one serves on
   */
  async reload(): Promise<void> {
    const before = this.#begun;
    this.#order({ type: 'reload' });
    let event: EventOf<'reloaded' | 'reload failed'>;
    do event = await this.#next(['reloaded', 'reload failed']);
    while (event.generation <= before);
    if (event.type === 'reload failed') throw new PreforkError('ERR_PREFORK_RELOAD_FAILED', event.reason);
  }

  /** Changes how many workers there are to be. */
  scale(workers: number): void {
    this.#order({ type: 'scale', workers });
  }

  /** Stops it: gracefully, or at once with `quick`. Resolves when it is gone; to call it again does no harm. */
  async close({ quick = false } = {}): Promise<void> {
    if (this.#monitor.connected) this.#order({ type: 'stop', quick });
    await this.#exit;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The first event of these types. @throws PreforkError when the service ends before it */
  async #next<Type extends MonitorEvent['type']>(types: readonly Type[]): Promise<EventOf<Type>> {
    const ended = this.#exit.then(() => {
      throw endError(this.exitCode);
    });
    return Promise.race([ended, ...types.map((type) => this.#once(type))]);
  }

  #once<Type extends MonitorEvent['type']>(type: Type): Promise<EventOf<Type>> {
    return new Promise((resolve) => {
      Reflect.apply(this.once, this, [type, resolve]);
    });
  }

  /** @internal Resolves when all workers serve. */
  async serving(): Promise<void> {
    await this.#next(['serving']);
  }

  #order(order: Order): void {
    if (!this.#monitor.connected) throw endError(this.exitCode);
    this.#monitor.send(order);
  }
}

function endError(status: number | null): PreforkError {
  switch (status) {
    case 2:
      return new PreforkError('ERR_PREFORK_INVALID_OPTION', 'see what was written to standard error');
    case 3:
      return new PreforkError('ERR_PREFORK_BOOT_FAILED');
    case 4:
      return new PreforkError('ERR_PREFORK_LOAD_FAILED');
    default:
      return new PreforkError('ERR_PREFORK_ENDED', status === null ? 'by a signal' : `with exit status ${status}`);
  }
}
