import type { HeldConnect, HoldRequest } from './policy/holds.js';

/** Who an event is about. */
export interface Who {
  readonly pid?: number;
  readonly slot?: number;
  readonly generation?: number;
}

/** What a monitor tells, in the order in which it happens. */
export type MonitorEvent =
  /**
   * A zygote has the app loaded. `sharedBytes` is what it holds for itself, and its workers share from their fork on.
   * @param file the app's, where links lead to it
   */
  | ({
      readonly type: 'loaded';
      readonly milliseconds: number;
      readonly sharedBytes: number;
      readonly held: readonly HeldConnect[];
      readonly file?: string;
    } & Who)
  /** A zygote found connections of the app at the fork: the app is loaded once more, with these connects held. */
  | ({ readonly type: 'connects held' } & HoldRequest & Who)
  /** A zygote could not load the app. */
  | ({ readonly type: 'load failed'; readonly reasons: readonly string[] } & Who)
  | ({ readonly type: 'zygote died'; readonly how: string } & Who)
  | ({ readonly type: 'worker ready'; readonly milliseconds: number } & Who)
  /** It is told to leave. */
  | ({ readonly type: 'worker leaves'; readonly reason: string } & Who)
  | ({ readonly type: 'worker killed'; readonly reason: string } & Who)
  | ({ readonly type: 'worker died'; readonly how: string; readonly expected: boolean } & Who)
  /** All workers are there for the first time. */
  | { readonly type: 'serving'; readonly addresses: readonly string[]; readonly workers: number }
  | { readonly type: 'status served'; readonly url: string }
  | { readonly type: 'scaled'; readonly workers: number }
  | { readonly type: 'reload begins'; readonly generation: number }
  | { readonly type: 'reloaded'; readonly generation: number }
  | { readonly type: 'reload failed'; readonly generation: number; readonly reason: string }
  | ({ readonly type: 'warning'; readonly message: string } & Who)
  /** The monitor has met an error that nothing catches: it ends at once. */
  | { readonly type: 'failed'; readonly stack: string }
  | { readonly type: 'stopping'; readonly reason: string }
  | { readonly type: 'stopped'; readonly status: number };
