/** The signals that end a parent, and its exit status then. */
export const ENDINGS = { SIGTERM: 0, SIGINT: 130, SIGHUP: 129 } as const;
/** How long children may ignore SIGTERM, in milliseconds. */
export const GRACE = 5000;

/** The way to the end of the parent, once something asked for it. */
export interface Shutdown {
  /** The exit status. */
  readonly status: number;
  /** When it began, in milliseconds of any steady clock. */
  readonly since: number;
  /** It was asked for twice: no more grace. */
  readonly forced: boolean;
}

/** The first request sets the exit status, a second one only makes it quicker. */
export function requestShutdown(current: Shutdown | undefined, status: number, now: number): Shutdown {
  return current === undefined ? { status, since: now, forced: false } : { ...current, forced: true };
}

/** What to send to the children that are still there. */
export function shutdownSignal({ since, forced }: Shutdown, now: number): 'SIGTERM' | 'SIGKILL' {
  return forced || now - since >= GRACE ? 'SIGKILL' : 'SIGTERM';
}
