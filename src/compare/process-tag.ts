import { readNumbers, readText } from '../proc/read.js';

/** The environment variable by which all that was started is found again, also what its parent has left behind. */
export const TAG = 'PREFORK_COMPARE';

/** The processes that were started under a tag, or forked by these, in ascending order. */
export function taggedWith(tag: string): number[] {
  const wanted = `\0${TAG}=${tag}\0`;
  return (readNumbers('/proc') ?? []).filter((pid) => `\0${readText(`/proc/${pid}/environ`)}`.includes(wanted));
}
