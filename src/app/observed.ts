import type { Recording } from '../fork-safety/index.js';
import type { Threads } from '../fork-safety/threads.js';

/** What the app has open, in the main thread and in its Workers. */
export interface Observed {
  readonly recording: Recording;
  readonly threads: Threads;
}
