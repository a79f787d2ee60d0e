/** What a worker says of itself, and what the monitor believes of it. Times are milliseconds of CLOCK_MONOTONIC. */
export interface Figures {
  /** How many connections are open now. */
  readonly connections: number;
  /** How many connections it has accepted so far. */
  readonly accepted: number;
  /** How many requests it has been sent so far. */
  readonly requests: number;
  /** When its event loop last turned. */
  readonly heartbeat: number;
  /** The longest delay of its event loop of late, in milliseconds. */
  readonly loopDelay: number;
  /** Which part of the time its event loop was at work of late, 0 to 1. */
  readonly busy: number;
}

/** More descriptors than the kernel lets a process have: fs.nr_open is less. */
const MAX_CONNECTIONS = 2 ** 30;
/** Ten years: what a loop may have been late by. */
const MAX_DELAY_MS = 10 * 365 * 86_400_000;

/**
 * What is to be believed of what a worker reports: it may say anything. Counts are whole numbers and never become less,
 * its event loop has not turned in the future; a figure that cannot be true stays as it was. So a worker can hide what
 * it does from the figures, and its own heartbeat, but neither bring the monitor to wait for it nor tell of its siblings.
 * @param before what was believed last
 */
export function checkReport(before: Figures, said: Figures, now: number): Figures {
  return {
    connections:
      isCount(said.connections) && said.connections <= MAX_CONNECTIONS ? said.connections : before.connections,
    accepted: isCount(said.accepted) && said.accepted >= before.accepted ? said.accepted : before.accepted,
    requests: isCount(said.requests) && said.requests >= before.requests ? said.requests : before.requests,
    heartbeat: isBetween(said.heartbeat, before.heartbeat, now) ? said.heartbeat : before.heartbeat,
    loopDelay: isBetween(said.loopDelay, 0, MAX_DELAY_MS) ? said.loopDelay : before.loopDelay,
    busy: isBetween(said.busy, 0, 1) ? said.busy : before.busy,
  };
}

/** What a worker that is to leave still has, as a sentence: without clients and a listener for SIGTERM it would end itself. */
export function whatIsLeft(connections: number): string {
  if (connections === 0) return 'it has no client left, but the app, which listens for SIGTERM, does not end';
  return connections === 1 ? 'one connection is still open' : `${connections} connections are still open`;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** False for what is no number. */
function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
