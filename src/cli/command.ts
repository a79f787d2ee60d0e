import type { EarlyZygote } from '../monitor/early-zygote.js';
import { type Kind, integer as wholeNumber } from '../settings/kinds.js';

export interface Option {
  /** A switch is a boolean that may be told its value, as text: --log, --log=no. */
  readonly type: 'string' | 'boolean' | 'switch';
  /** It may be repeated; its value is an array. */
  readonly multiple?: boolean;
  readonly short?: string;
  readonly default?: string | boolean;
  /** What stands for the value in the help, such as 'number'. */
  readonly placeholder?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

type Value<O extends Option> =
  | (O extends { multiple: true }
      ? string[]
      : O['type'] extends 'boolean'
        ? boolean
        : O['type'] extends 'string'
          ? string
          : string | boolean | string[])
  | (O extends { default: string | boolean } ? never : undefined);

export type Values<O extends Options> = { readonly [Name in keyof O]: Value<O[Name]> };

/** One of prefork's commands: the table that its arguments are parsed by and its help is made from. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  readonly summary: string;
  /** How the positional arguments look in the help; without it the command takes none. */
  readonly positionals?: string;
  /** Everything from the first positional argument on is handed over unparsed: it belongs to somebody else. */
  readonly passThrough?: boolean;
  readonly options: O;
  /** It does something on platforms that cannot fork, too, and refuses there by itself what it cannot do. */
  readonly anywhere?: boolean;
  /** What the help says below the options. */
  readonly notes?: string;
  /** @param early of `prefork start` @returns the exit status, 0 by default */
  run(
    input: { values: Values<O>; positionals: string[] },
    early?: EarlyZygote,
  ): number | undefined | Promise<number | undefined>;
}

/** Types a command's `values` after its own options; use it where they are read by name. */
export function defineCommand<const O extends Options>(command: Command<O>): Command<O> {
  return command;
}

/** The command line is wrong: reported as one line, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A value that was given as text. @param flag what it was given for @throws UsageError */
export function checked<T>(kind: Kind<T>, flag: string, text: string): T {
  const value = kind.read(text);
  if (value !== undefined) return value;
  throw new UsageError(`${flag} must be ${kind.wanted}, not '${text}'`);
}

/** An option's value as a whole number from `min` to `max`. @throws UsageError */
export function integer(flag: string, value: string, min: number, max: number): number {
  return checked(wholeNumber(min, max), flag, value);
}
