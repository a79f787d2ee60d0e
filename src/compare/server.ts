import type { Model } from './models.js';

/** A running server of one of the models. */
export interface Server {
  readonly model: Model;
  readonly app: 'echo' | 'http';
  /** How many were asked for; an event loop has one process in any case. */
  readonly workers: number;
  /** On 127.0.0.1. */
  readonly port: number;
  /** The parent, monitor or primary, or the only process. */
  readonly root: number;
  /** When it was started and when it had answered for the first time, in milliseconds of performance.now(). */
  readonly started: number;
  readonly answered: number;
  /** The processes that serve clients now: children, workers, or the only process. */
  serving(): number[];
  /** All its processes now, the root first. */
  members(): number[];
  /** What it has logged until now: 'Child 7 accepted a client! (127.0.0.1:40001)'. Empty for the http app. */
  log(): readonly string[];
  /** Another one of the same model and app, with as many workers; ended together with this one if not before. */
  another(workers: number): Promise<Server>;
  /** Ends all its processes and waits until they are gone. */
  end(): Promise<void>;
}
