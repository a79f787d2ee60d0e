/** A connection is accepted and noted so soon, in microseconds; a kill in between leaves no note. */
const UNNOTED = 200_000;

/** What the app has noted: by the client's port, who accepted it and when. */
export function readJournal(content) {
  const byPort = new Map();
  for (const line of content.split('\n')) {
    if (line === '') continue;
    const [port, pid, at] = line.split(' ').map(Number);
    if (!byPort.has(port)) byPort.set(port, []);
    byPort.get(port).push({ pid, at });
  }
  return byPort;
}

/**
 * Sorts failed requests: those whose connection a killed worker had, those that a kill caught before the worker could
 * note the connection, and those that nothing excuses.
 * @param kills of workers only: pid, and the times right before and right after
 */
export function judge(failures, kills, journal) {
  const verdicts = { inFlight: 0, unnoted: 0, unexcused: [] };
  for (const failure of failures) {
    const { port, begun, at } = failure;
    const holder = journal.get(port)?.findLast((entry) => entry.at >= begun && entry.at <= at);
    if (holder !== undefined && wasKilled(kills, holder, at)) verdicts.inFlight++;
    else if (
      holder === undefined &&
      port !== undefined &&
      kills.some((kill) => kill.before <= at && at - kill.after < UNNOTED)
    ) {
      verdicts.unnoted++;
    } else verdicts.unexcused.push({ ...failure, holder });
  }
  return verdicts;
}

/** Process ids come again: the kill must lie between the connection and its failure. */
function wasKilled(kills, holder, failedAt) {
  return kills.some(({ pid, before, after }) => pid === holder.pid && after >= holder.at && before <= failedAt);
}

/** Microseconds of the monotonic clock, which all processes share. */
export function now() {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Median, 99th percentile and maximum of durations in ms. */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) =>
    Math.round(10 * (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0)) / 10;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}
