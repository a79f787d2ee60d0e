import { type Check, flag, integer, listOf, nullable, number, object, oneOf, optional, text } from '../util/checks.js';

/** What the monitor says about the whole service. */
export interface Description {
  /** The version of prefork. */
  readonly version: string;
  /** The monitor's. */
  readonly pid: number;
  readonly app: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly generation: number;
  /** How many workers are wanted. */
  readonly target: number;
  readonly stopping: boolean;
  readonly reload: {
    readonly state: 'none' | 'running' | 'done' | 'failed';
    readonly generation: number;
    readonly reason?: string;
  };
  readonly zygote: { readonly pid: number; readonly generation: number } | null;
  /** `queued` of at most `backlog` connections wait to be accepted; null where the kernel does not tell. */
  readonly listeners: readonly {
    readonly address: string;
    readonly queued: number | null;
    readonly backlog: number | null;
  }[];
  readonly counters: {
    readonly forked: number;
    readonly died: number;
    readonly killed: number;
    readonly reloads: number;
  };
}

/** What a description holds. */
const FIELDS: { readonly [Name in keyof Description]-?: Check } = {
  version: text,
  pid: integer,
  app: text,
  args: listOf(text),
  cwd: text,
  startedAt: number,
  generation: integer,
  target: integer,
  stopping: flag,
  reload: object({ state: oneOf('none', 'running', 'done', 'failed'), generation: integer, reason: optional(text) }),
  zygote: nullable(object({ pid: integer, generation: integer })),
  listeners: listOf(object({ address: text, queued: nullable(number), backlog: nullable(number) })),
  counters: object({ forked: number, died: number, killed: number, reloads: number }),
};

const isDescription = object(FIELDS);

/** What a process says of itself, which may be any process. @throws Error */
export function checkDescription(value: unknown): Description {
  if (isDescription(value)) return value as Description;
  throw new Error('what it calls its scoreboard describes no server');
}
