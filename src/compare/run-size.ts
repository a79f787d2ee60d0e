/** How much of everything is done: a quick comparison ends within two minutes. */
export interface RunSize {
  /** How often a repeated scenario is run. */
  readonly rounds: number;
  /** How long a load lasts, in seconds. */
  readonly seconds: number;
  /** How long it has lasted before it is measured, in seconds: until each worker has compiled its code. */
  readonly warmUp: number;
  /** How many connections are spread. */
  readonly connections: number;
  /** How often what takes a moment is tried, such as killing a worker. */
  readonly tries: number;
  /** The families whose memory is read. */
  readonly families: readonly number[];
  /** How many requests a counted load has; each worker of a family has a tenth of them before its memory is read again. */
  readonly requests: number;
}

export const FULL: RunSize = {
  rounds: 5,
  seconds: 3,
  warmUp: 3,
  connections: 600,
  tries: 10,
  families: [2, 4, 8, 16],
  requests: 5000,
};

export const QUICK: RunSize = {
  rounds: 1,
  seconds: 1,
  warmUp: 0.5,
  connections: 600,
  tries: 3,
  families: [2, 16],
  requests: 1000,
};
