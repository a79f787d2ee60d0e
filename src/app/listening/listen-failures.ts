import { type EventEmitter, errorMonitor } from 'node:events';
import type { Server } from 'node:net';
import { from } from '../../fork-safety/diagnostic.js';
import { overrideListen } from '../../node/methods.js';
import { callerPlace } from '../../util/call-site.js';

/** What is kept at most: an app may try ports one after the other. */
const MAX_FAILURES = 8;

/** The servers that could not listen, and why: an app may keep its errors to itself and end, or wait for ever. */
export class ListenFailures {
  readonly #places = new WeakMap<Server, string | undefined>();
  readonly #failures = new Map<Server, string>();
  readonly #onFailure: () => void;
  #called = false;

  constructor(onFailure: () => void) {
    this.#onFailure = onFailure;
  }

  /** Follows every call of listen(). */
  install(): void {
    const failures = this;
    overrideListen(
      (original) =>
        function listening(this: Server, ...args: unknown[]) {
          failures.#follow(this, callerPlace(listening));
          return original.apply(this, args);
        },
    );
  }

  /** A line for each. */
  get all(): string[] {
    return [...this.#failures.values()];
  }

  /** Why no server listens. */
  get reasons(): string[] {
    const { all } = this;
    if (all.length > 0) return all;
    return [this.#called ? 'what server.listen() opened has not stayed open' : 'nothing called server.listen()'];
  }

  #follow(server: Server, place: string | undefined): void {
    this.#called = true;
    const isNew = !this.#places.has(server);
    this.#places.set(server, place);
    if (!isNew) return;
    // It hears of errors without counting as one of those who handle them.
    (server as EventEmitter).on(errorMonitor, (error: Error) => {
      if (!server.listening) this.#note(server, error);
    });
  }

  /** The server listens after all. */
  forget(server: Server): void {
    this.#failures.delete(server);
  }

  #note(server: Server, { message }: Error): void {
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size >= MAX_FAILURES) this.#failures.delete(oldest);
    this.#failures.set(server, message + from('called', this.#places.get(server)));
    this.#onFailure();
  }
}
