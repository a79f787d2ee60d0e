import type { Kind } from './kinds.js';
import type { Settings } from './settings.js';
import { NAMES, TABLE } from './table.js';

/**
 * The settings that another process says it has read: it runs the app's code, and may say anything. What a reload does not
 * change stays as it is.
 * @param first those that the service was started with
 * @returns undefined where a value is none of its setting
 */
export function toldSettings(said: object, first: Settings): Settings | undefined {
  const values = said as Readonly<Record<string, unknown>>;
  const told: Record<string, unknown> = { ...first };
  for (const name of NAMES) {
    const { kind, default: byDefault, fixed } = TABLE[name];
    if (fixed) continue;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    told[name] = value === undefined ? byDefault : readTold(kind as Kind<unknown>, value);
    if (value !== undefined && told[name] === undefined) return undefined;
  }
  return told as unknown as Settings;
}

/** Some kinds take no number from a user, such as the permissions that chmod(1) has in octal: those read their own text. */
function readTold<T>(kind: Kind<T>, value: unknown): T | undefined {
  const read = kind.read(value);
  if (read !== undefined || typeof value !== 'number') return read;
  return kind.read(kind.write(value as T)) === value ? (value as T) : undefined;
}
