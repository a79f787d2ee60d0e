/** What it means for a fork: it is refused, the user is warned, or may like to know. */
export type Severity = 'refusal' | 'warning' | 'note';

/** One thing that the workers would share or do besides. */
export interface Finding {
  readonly kind: 'socket' | 'datagram' | 'timer' | 'watcher' | 'child process' | 'thread' | 'random pool';
  readonly severity: Severity;
  /** One line. */
  readonly message: string;
  /** What to do about it, one line. */
  readonly remedy: string;
  readonly fd?: number;
  readonly peer?: string;
  /** Where in the app's code it began: 'file:line:column', with the package that it came through. */
  readonly place?: string;
}
