/** The way to the end of the service, once something asked for it. */
export interface Stopping {
  /** The exit status: the first request's. */
  readonly status: number;
  /** What is in flight is cut off. */
  readonly quick: boolean;
  /** When the present way began, in milliseconds of any steady clock. */
  readonly since: number;
}

export interface StopRequest {
  readonly status: number;
  readonly quick: boolean;
}

/** What a request changes: it begins the end, makes a graceful one quick, or has a quick one kill who is left. */
export type StopStep = 'begin' | 'hurry' | 'kill' | 'nothing';

export function requestStop(
  current: Stopping | undefined,
  { status, quick }: StopRequest,
  now: number,
): { readonly stopping: Stopping; readonly step: StopStep } {
  if (current === undefined) return { stopping: { status, quick, since: now }, step: 'begin' };
  if (current.quick) return { stopping: current, step: 'kill' };
  return quick
    ? { stopping: { ...current, quick, since: now }, step: 'hurry' }
    : { stopping: current, step: 'nothing' };
}
