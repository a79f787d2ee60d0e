import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const { O_RDONLY, O_NONBLOCK } = constants;

export interface SmallFile {
  readonly text: string;
  /** Whose it is. */
  readonly uid: number;
}

/**
 * Reads the beginning of a file in a folder that may be another user's, without waiting, whatever is there, be it
 * a FIFO or a file with a lease (F_SETLEASE in fcntl(2)).
 * @param most bytes @throws what open(2) fails with, EAGAIN for a lease, and for what is no file
 */
export function readSmallFile(path: string, most: number): SmallFile {
  const fd = openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Error(`${path} is no file`);
    const buffer = Buffer.alloc(most);
    return { text: buffer.toString('utf8', 0, readSync(fd, buffer, 0, most, 0)), uid: stats.uid };
  } finally {
    closeSync(fd);
  }
}
