import type { EventedChannel } from '../channel/evented.js';
import { kill } from '../posix/index.js';

/** Of a process that this one has forked and not reaped: no other process has its id. */
interface Process {
  readonly pid: number | undefined;
  readonly channel: EventedChannel;
}

/**
 * Sends a signal to a process of the service, nothing to one that is not heard of yet or has ended. One that has
 * changed its user may be out of reach, without CAP_KILL: then it is told by its channel to send itself the signal.
 * @returns false when it was out of reach. kill(2), capabilities(7)
 */
export function signal({ pid, channel }: Process, signal: NodeJS.Signals): boolean {
  if (pid === undefined) return true;
  try {
    kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM') {
      channel.send({ type: 'raise', signal });
      return false;
    }
    if (code !== 'ESRCH') throw error;
  }
  return true;
}
