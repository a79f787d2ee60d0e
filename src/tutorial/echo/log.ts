import { LineOutput, lostText } from '../../output/line-output.js';

/** Writes one line to a descriptor by one write(2): up to 4096 bytes (PIPE_BUF), lines of several processes never mix. */
export type Log = (line: string) => void;

/** How long a line waits for room, in milliseconds: a child serves one client, the parent has signals to hear. */
const CHILD_WRITE_TIMEOUT_MS = 1000;
const PARENT_WRITE_TIMEOUT_MS = 20;

/**
 * A child's: it waits for a slow reader, so that no line is lost. A reader who takes nothing for so long, or is gone, does
 * not hold up the service: lines are counted then, and the log says how many were lost when it takes lines again.
 * @param name how the child calls itself in that line
 * @param onLoss hears once why lines are lost
 */
export function childLog(fd: number, name: string, onLoss: (reason: string) => void = () => {}): Log {
  const output = new LineOutput(fd, {
    timeoutMs: CHILD_WRITE_TIMEOUT_MS,
    lostLine: (count, error) => `${name}: ${lostText(count, error)}`,
    onLoss: ({ code, message }) => onLoss(code === 'EAGAIN' ? 'nobody reads it' : message),
  });
  return (line) => output.write(line);
}

/** The parent's: a line for which there is no room is given up, and counted. */
export function parentLog(fd: number): Log {
  const output = new LineOutput(fd, { timeoutMs: PARENT_WRITE_TIMEOUT_MS, lostLine: lostText });
  return (line) => output.write(line);
}
