import { readStat } from '../proc/process.js';
import { readNumbers } from '../proc/read.js';
import type { Stat } from '../proc/stat.js';
import { type Parents, treeOf } from '../proc/tree.js';

/** So often the parents of all processes are read anew; in between, of those only that are new, and of the tree's own. */
const LOOKS = 25;

export interface TreeProcess {
  readonly pid: number;
  readonly stat: Stat;
}

/** Finds the processes of trees again and again, without reading all of /proc each time. */
export class ProcessTrees {
  #parents = new Map<number, number>();
  #last: readonly number[] = [];
  #looks = 0;

  /** The roots that exist, and their descendants, each parent before its children. */
  of(roots: readonly number[]): TreeProcess[] {
    const known = this.#looks++ % LOOKS === 0 ? new Map<number, number>() : this.#parents;
    const stats = new Map<number, Stat>();
    const parents = new Map<number, number>();
    const fresh = new Set([...this.#last, ...roots]);
    for (const pid of readNumbers('/proc') ?? []) {
      const parent = fresh.has(pid) ? undefined : known.get(pid);
      if (parent !== undefined) parents.set(pid, parent);
      else this.#read(pid, parents, stats);
    }
    this.#parents = parents;
    const pids = treeOf(roots, parents as Parents);
    this.#last = pids;
    return pids.flatMap((pid) => {
      const stat = stats.get(pid) ?? readStat(pid);
      return stat === undefined ? [] : [{ pid, stat }];
    });
  }

  #read(pid: number, parents: Map<number, number>, stats: Map<number, Stat>): void {
    const stat = readStat(pid);
    if (stat === undefined) return;
    parents.set(pid, stat.parent);
    stats.set(pid, stat);
  }
}
