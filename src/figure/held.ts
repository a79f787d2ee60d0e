import { socketInodeAt } from '../proc/descriptor-links.js';
import { readLink, readNumbers } from '../proc/read.js';
import type { Holder } from './figure.js';
import type { TreeProcess } from './process-trees.js';

/** So often all links are read anew: a descriptor may have been closed and opened again under the same number. */
const LOOKS = 25;

interface Known {
  readonly start: number;
  /** Its network namespace; null where it may not be read. */
  readonly network: string | null;
  /** The inode of the socket behind each descriptor, 0 for another kind; null where they may not be read. */
  readonly inodes: Map<number, number> | null;
}

/** What sockets processes hold, found again and again, without reading all links each time: there are hundreds. */
export class Held {
  #known = new Map<number, Known>();
  #holders = new Map<number, Holder[]>();
  #looks = 0;

  /** @param gone sockets that there are no more: what stands under their descriptors now is something else */
  look(members: readonly TreeProcess[], gone: ReadonlySet<number>): void {
    const anew = this.#looks++ % LOOKS === 0;
    this.#set(new Map(members.map((member) => [member.pid, this.#lookAt(member, gone, anew)])));
  }

  /** Reads all links again. */
  lookAgain(members: readonly TreeProcess[]): void {
    this.#set(new Map(members.map((member) => [member.pid, this.#lookAt(member, new Set(), true)])));
  }

  networkOf(pid: number): string | null {
    return this.#known.get(pid)?.network ?? null;
  }

  /** Its descriptors may not be read. */
  isHidden(pid: number): boolean {
    return this.#known.get(pid)?.inodes === null;
  }

  holds(inode: number): boolean {
    return this.#holders.has(inode);
  }

  /** The descriptors of each socket, by its inode. */
  byInode(): ReadonlyMap<number, readonly Holder[]> {
    return this.#holders;
  }

  #set(known: Map<number, Known>): void {
    this.#known = known;
    const holders = new Map<number, Holder[]>();
    for (const [pid, { inodes }] of known) {
      for (const [fd, inode] of inodes ?? []) {
        if (inode === 0) continue;
        const same = holders.get(inode);
        if (same === undefined) holders.set(inode, [{ pid, fd }]);
        else same.push({ pid, fd });
      }
    }
    this.#holders = holders;
  }

  #lookAt({ pid, stat: { startTime } }: TreeProcess, gone: ReadonlySet<number>, anew: boolean): Known {
    const before = this.#known.get(pid);
    const known = !anew && before?.start === startTime ? before : undefined;
    const network = known?.network ?? readLink(`/proc/${pid}/ns/net`) ?? null;
    const numbers = readNumbers(`/proc/${pid}/fd`);
    if (numbers === null) return { start: startTime, network, inodes: null };
    const inodes = (numbers ?? []).map((fd) => {
      const inode = known?.inodes?.get(fd);
      return [fd, inode === undefined || gone.has(inode) ? socketInodeAt(pid, fd) : inode] as const;
    });
    return { start: startTime, network, inodes: new Map(inodes) };
  }
}
