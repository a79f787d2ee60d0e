import type { Compaction, HeldConnect, HoldRequest } from '../channel/messages.js';

/** The process that an event is about. */
export interface ProcessRef {
  readonly pid?: number;
  readonly slot?: number;
  readonly generation?: number;
}

/** What a monitor tells, in the order in which it happens. */
export type MonitorEvent =
  /**
   * A zygote has the app loaded. `sharedBytes` is what it holds for itself, and its workers share from their fork on.
   * @param file the app's, where links lead to it
   * @param compaction where the app's heap was fragmented
   */
  | ({
      readonly type: 'loaded';
      readonly milliseconds: number;
      readonly sharedBytes: number;
      readonly held: readonly HeldConnect[];
      readonly file?: string;
      readonly compaction?: Compaction;
    } & ProcessRef)
  /** A zygote found connections of the app at the fork: the app is loaded once more, with these connects held. */
  | ({ readonly type: 'connects held' } & HoldRequest & ProcessRef)
  /** A zygote could not load the app. */
  | ({ readonly type: 'load failed'; readonly reasons: readonly string[] } & ProcessRef)
  | ({ readonly type: 'zygote died'; readonly how: string } & ProcessRef)
  | ({ readonly type: 'worker ready'; readonly milliseconds: number } & ProcessRef)
  /** It is told to leave. */
  | ({ readonly type: 'worker leaves'; readonly reason: string } & ProcessRef)
  | ({ readonly type: 'worker killed'; readonly reason: string } & ProcessRef)
  | ({ readonly type: 'worker died'; readonly how: string; readonly expected: boolean } & ProcessRef)
  /** All workers are there for the first time. */
  | { readonly type: 'serving'; readonly addresses: readonly string[]; readonly workers: number }
  | { readonly type: 'status served'; readonly url: string }
  | { readonly type: 'scaled'; readonly workers: number }
  | { readonly type: 'reload begins'; readonly generation: number }
  | { readonly type: 'reloaded'; readonly generation: number }
  | { readonly type: 'reload failed'; readonly generation: number; readonly reason: string }
  | ({ readonly type: 'warning'; readonly message: string } & ProcessRef)
  /** The monitor has met an error that nothing catches: it ends at once. */
  | { readonly type: 'failed'; readonly stack: string }
  | { readonly type: 'stopping'; readonly reason: string }
  | { readonly type: 'stopped'; readonly status: number };

/** What the library asks of its monitor, over Node's own IPC. */
export type Order =
  | { readonly type: 'reload' }
  | { readonly type: 'scale'; readonly workers: number }
  | { readonly type: 'stop'; readonly quick: boolean };
