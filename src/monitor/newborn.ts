import { descriptorLinks, socketInode } from '../proc/descriptor-links.js';
import { readParents } from '../proc/tree.js';
import type { Worker } from './processes.js';

/** How often one is looked for, in milliseconds. */
const SEEK_INTERVAL_MS = 1000;

/** Whether a worker is to be killed whose process is not known. */
export function isToBeSought({ killed, pid, soughtAt }: Worker, now: number): boolean {
  return killed && pid === undefined && now - (soughtAt ?? Number.NEGATIVE_INFINITY) >= SEEK_INTERVAL_MS;
}

/**
 * The process of a worker that has not said its first word, by which it would be known: the child of this process that
 * holds the other end of its channel. Only the zygote could hand that on, and it is known.
 * @param inode of that end; 0 where it is not known
 * @param isKnown whether a process is another one of the service
 * @returns undefined where there is none, or it may not be looked at
 */
export function findNewborn(inode: number, isKnown: (pid: number) => boolean): number | undefined {
  if (inode === 0) return undefined;
  const children = [...readParents()].filter(([pid, parent]) => parent === process.pid && !isKnown(pid));
  return children.find(([pid]) => holds(pid, inode))?.[0];
}

function holds(pid: number, inode: number): boolean {
  try {
    return [...descriptorLinks(pid).values()].some((link) => socketInode(link) === `${inode}`);
  } catch {
    return false; // It has ended, or is another user's.
  }
}
