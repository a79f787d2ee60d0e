import { poll, writeAll } from '../posix/index.js';

/** Writes one line to a descriptor by one write(2): up to 4096 bytes (PIPE_BUF), lines of several processes never mix. */
export type Log = (line: string) => void;

/**
 * Waits for room, so that no line is lost. When the descriptor fails (the reader is gone, the disk is full), its lines
 * are given up and the process goes on; `onFailure` hears of it once.
 */
export function patientLog(fd: number, onFailure: (error: Error) => void = () => {}): Log {
  let failed = false;
  return (line) => {
    try {
      writeAll(fd, `${line}\n`);
    } catch (error) {
      if (!failed) onFailure(error as Error);
      failed = true;
    }
  };
}

/** For the parent, which has signals to hear: a line for which there is no room right now is given up. */
export function promptLog(fd: number): Log {
  const log = patientLog(fd);
  return (line) => {
    if (poll(fd, 'write', 0)) log(line);
  };
}
