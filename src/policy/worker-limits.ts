/** What a worker may use up before it is replaced; 0 for as much as it likes. */
export interface UseLimits {
  readonly requests: number;
  /** Bytes. */
  readonly memory: number;
  /** Milliseconds. */
  readonly lifetime: number;
}

/** What it has used. */
export type Use = UseLimits;

/** One worker's own limits, each shortened by up to `jitter` (0 to 1), so that workers of one age do not go together. */
export function withJitter(limits: UseLimits, jitter: number, random: () => number): UseLimits {
  const shorten = (limit: number) => (limit === 0 ? 0 : Math.max(1, Math.round(limit * (1 - jitter * random()))));
  return {
    requests: shorten(limits.requests),
    memory: shorten(limits.memory),
    lifetime: shorten(limits.lifetime),
  };
}

/** Which limit it has reached, in words; undefined while none. */
export function reached(use: Use, limits: UseLimits): string | undefined {
  if (limits.requests > 0 && use.requests >= limits.requests) return `it has served ${use.requests} requests`;
  if (limits.memory > 0 && use.memory >= limits.memory) return `it holds ${Math.round(use.memory / 2 ** 20)} MiB`;
  if (limits.lifetime > 0 && use.lifetime >= limits.lifetime) return `it is ${Math.round(use.lifetime / 1000)} s old`;
  return undefined;
}
