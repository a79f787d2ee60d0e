/** What it means for a fork: it is refused, the user is warned, or may like to know. */
export type Severity = 'refusal' | 'warning' | 'note';

/** One thing that the workers would share or do besides. */
export interface Diagnostic {
  readonly kind:
    | 'socket'
    | 'datagram'
    | 'server'
    | 'timer'
    | 'watcher'
    | 'child process'
    | 'Worker'
    | 'thread'
    | 'native code'
    | 'random pool'
    | 'held connect'
    | 'exit listener'
    | 'logger'
    | 'warm-up'
    | 'package';
  readonly severity: Severity;
  /** One line. */
  readonly message: string;
  /** What to do about it, one line. */
  readonly remedy: string;
  readonly fd?: number | undefined;
  readonly peer?: string | undefined;
  /** Where the app told the socket to connect to; its connect can be held until the fork. */
  readonly destination?: string | undefined;
  /** Where in the app's code it began: 'file:line:column', with the package that it came through. */
  readonly place?: string | undefined;
}

/**
 * ', opened at db.js:3:9', or nothing where the place is unknown.
 * @param by who did it, when it was not the main thread
 */
export function from(verb: string, place: string | undefined, by?: string): string {
  const words = [place && `at ${place}`, by && `by ${by}`].filter(Boolean);
  return words.length === 0 ? '' : `, ${verb} ${words.join(' ')}`;
}
