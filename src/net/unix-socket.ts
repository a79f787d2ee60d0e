import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { close, connect, setTimeouts, socket } from '../posix/index.js';
import { isSocketPath } from './address.js';

/** How long, in milliseconds, connect(2) waits for room in a full queue. */
const CONNECT_TIMEOUT_MS = 1;

/**
 * Hands over a path that fits into a socket's address. One that is too long is named through a descriptor of its
 * folder, which is open meanwhile.
 */
export function withShortPath<T>(path: string, use: (short: string) => T): T {
  if (isSocketPath(path)) return use(path);
  const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return use(`/proc/self/fd/${folder}/${basename(path)}`);
  } finally {
    closeSync(folder);
  }
}

/** Whether a path is that of a socket on which no process listens any more. */
export function isStale(path: string): boolean {
  const fd = socket({ family: 'unix' });
  try {
    setTimeouts(fd, { send: CONNECT_TIMEOUT_MS });
    withShortPath(path, (short) => connect(fd, { family: 'unix', path: short }));
    return false;
  } catch (error) {
    // The kernel refuses a file of another kind as well. Other errors, as of a full queue, are a sign of life.
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && isSocket(path);
  } finally {
    close(fd);
  }
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}
