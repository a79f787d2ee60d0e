import { environmentAtStart } from '../proc/environment.js';

/** The names that this process was started with, from /proc/self/environ; undefined where it cannot be read. */
function namesAtStart(): ReadonlySet<string> | undefined {
  try {
    return new Set(environmentAtStart().map((pair) => pair.slice(0, pair.indexOf('='))));
  } catch {
    return undefined; // Not this user's to read, where Node has file capabilities: proc(5).
  }
}

/**
 * The variables that this process has by Node's flags alone, such as --env-file or a --require of dotenv. A process that
 * gets these flags as well reads such files anew, and they do not go before a variable that exists.
 */
export function variablesOfFlags(): string[] {
  const names = namesAtStart();
  return names === undefined ? [] : Object.keys(process.env).filter((name) => !names.has(name));
}
