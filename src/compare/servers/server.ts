import type { Model } from '../models.js';

export type App = 'echo' | 'http';

/** A running server of one of the models. */
export interface Server {
  readonly model: Model;
  readonly app: App;
  /** How many were asked for; an event loop has one process in any case. */
  readonly workers: number;
  /** On 127.0.0.1. */
  readonly port: number;
  /** The parent, monitor or primary, or the only process. */
  readonly root: number;
  /** When its first process was started, by performance.now(). */
  readonly started: number;
  /** In milliseconds after that: its first answer, and when all its workers served. */
  readonly took: { readonly answer: number; readonly all: number };
  /** The processes that serve clients now: children, workers, or the only process. */
  serving(): number[];
  /** All its processes now, the root first while it lives; also those that it left behind. */
  members(): number[];
  /** What it has logged until now: 'Child 7 accepted a client! (127.0.0.1:40001)'. A quiet one and http log no clients. */
  log(): readonly string[];
  /** Another one of the same model and app, ready; ended together with this one if not before. */
  another(workers: number): Promise<Server>;
  /** Ends all its processes, also those that it left behind, and waits until they are gone. */
  end(): Promise<void>;
}
