import { descriptorLinks, socketInode } from '../proc/descriptor-links.js';
import { readParents } from '../proc/tree.js';

/**
 * The process of a worker that has not said its first word, by which it would be known: the child of this process that
 * holds the other end of its channel. Only the zygote could hand that on, and it is known.
 * @param inode of that end
 * @param isKnown whether a process is another one of the service
 * @returns undefined where there is none, or it may not be looked at
 */
export function findNewborn(inode: number, isKnown: (pid: number) => boolean): number | undefined {
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
