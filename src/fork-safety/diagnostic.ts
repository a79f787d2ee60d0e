/** What it means for a fork: it is refused, the user is warned, or may like to know. */
export type Severity = 'refusal' | 'warning' | 'note';

/** The first line about an app that does not come to rest; what keeps it busy follows. */
export const BUSY = 'it is still busy, and cannot be forked, with:';
/** The same about one that may serve without a server. */
export const NO_SERVER = `nothing has called server.listen() within --spawn-timeout: ${BUSY}`;

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
