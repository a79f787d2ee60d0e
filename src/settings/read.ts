import { inspect } from 'node:util';
import { PreforkError } from '../errors.js';
import { nearest } from '../util/nearest.js';
import type { Kind } from './kinds.js';
import type { Name, Named } from './settings.js';
import { flagOf, NAMES, TABLE, variableOf } from './table.js';

/** As a command's arguments have them, by flag. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What the flags say. @throws PreforkError ERR_PREFORK_INVALID_OPTION */
export function fromFlags(flags: Flags): Partial<Named> {
  return gather(
    (name) => flags[flagOf(name)],
    (name) => `--${flagOf(name)}`,
    (name, value) => (TABLE[name].inverted ? !value : value),
  );
}

/** What the variables PREFORK_… say; an empty one says nothing. @throws PreforkError ERR_PREFORK_INVALID_OPTION */
export function fromEnvironment(env: NodeJS.ProcessEnv): Partial<Named> {
  return gather((name) => env[variableOf(name)] || undefined, variableOf);
}

/**
 * What an object says, that of a config file or of a call.
 * @param where added to a name in an error: ' in prefork.config.json'
 * @throws PreforkError ERR_PREFORK_INVALID_OPTION
 */
export function fromObject(object: object, where = ''): Partial<Named> {
  const stranger = Object.keys(object).find((key) => !Object.hasOwn(TABLE, key));
  if (stranger !== undefined) {
    const meant = nearest(stranger, NAMES);
    throw invalid(`unknown setting ${inspect(stranger)}${where}${meant ? `; did you mean ${meant}?` : ''}`);
  }
  return gather(
    (name) => (object as Partial<Record<Name, unknown>>)[name],
    (name) => `${name}${where}`,
  );
}

export function invalid(detail: string, options?: ErrorOptions): PreforkError {
  return new PreforkError('ERR_PREFORK_INVALID_OPTION', detail, options);
}

type Each<T> = (name: Name) => T;

function gather(
  given: Each<unknown>,
  label: Each<string>,
  finish: (name: Name, value: unknown) => unknown = (_, value) => value,
): Partial<Named> {
  const entries = NAMES.flatMap((name) => {
    const value = given(name);
    return value === undefined ? [] : [[name, finish(name, check(TABLE[name].kind, value, label(name)))]];
  });
  return Object.fromEntries(entries);
}

function check(kind: Kind<unknown>, value: unknown, label: string): unknown {
  const read = kind.read(value);
  if (read !== undefined) return read;
  const { item } = kind;
  const isWrong = (each: unknown) => each !== '' && item?.read(each) === undefined;
  const wrong = item && Array.isArray(value) ? value.find(isWrong) : value;
  const unit = typeof wrong === 'number' && kind.unit ? ` (a number counts ${kind.unit})` : '';
  const shown = inspect(wrong, { breakLength: Number.POSITIVE_INFINITY, depth: 0 });
  throw invalid(`${label} must be ${kind.wanted}, not ${shown}${unit}`);
}
