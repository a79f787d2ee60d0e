/** How much of everything is done: a quick comparison ends within two minutes. */
export interface Effort {
  /** Of the scenes that are repeated. */
  readonly rounds: number;
  /** How long a load lasts, in seconds. */
  readonly seconds: number;
  /** How many connections are spread. */
  readonly connections: number;
  /** How often what takes a moment is tried, such as killing a worker. */
  readonly tries: number;
  /** The families whose memory is read. */
  readonly families: readonly number[];
  /** Requests that each family has served before its memory is read again. */
  readonly requests: number;
}

export const FULL: Effort = {
  rounds: 5,
  seconds: 3,
  connections: 600,
  tries: 10,
  families: [2, 4, 8, 16],
  requests: 5000,
};

export const QUICK: Effort = {
  rounds: 1,
  seconds: 0.7,
  connections: 600,
  tries: 3,
  families: [2, 16],
  requests: 1000,
};
