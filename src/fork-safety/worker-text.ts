/** A Worker (worker_threads) that the app has started. */
export interface StartedWorker {
  /** Its `threadId`. */
  readonly id: number;
  /** The `name` that the app gave it. */
  readonly name?: string | undefined;
  /** The path of its script; undefined for code in a string. */
  readonly script?: string | undefined;
  /** Where the app started it: 'file:line:column', with the package that the call came through. */
  readonly place?: string | undefined;
}

/** 'Worker 3 "mailer" (/srv/thread.mjs)' */
export function workerText({ id, name, script }: Omit<StartedWorker, 'place'>): string {
  const quoted = name === undefined ? '' : ` "${name}"`;
  return `Worker ${id}${quoted}${script === undefined ? '' : ` (${script})`}`;
}
