import { groupBy } from '../util/group-by.js';
import { readStat } from './process.js';
import { readNumbers } from './read.js';

/** Each process with its parent's id. */
export type Parents = ReadonlyMap<number, number>;

/** The parents of all processes. */
export function readParents(): Parents {
  return new Map(
    (readNumbers('/proc') ?? []).flatMap((pid) => {
      const stat = readStat(pid);
      return stat === undefined ? [] : [[pid, stat.parent] as const];
    }),
  );
}

/** The roots that exist and their descendants, each parent before its children, none twice. */
export function treeOf(roots: readonly number[], parents: Parents): number[] {
  const children = groupBy(parents.keys(), (pid) => parents.get(pid));
  const found = new Set<number>();
  // Not by recursion: chains of processes may be long. A process is its own ancestor in no reading but a torn one.
  for (const left = topsOf(roots, parents).toReversed(); left.length > 0; ) {
    const pid = left.pop() as number;
    if (found.has(pid)) continue;
    found.add(pid);
    left.push(...(children.get(pid) ?? []).toReversed());
  }
  return [...found];
}

/** The roots that exist and are in no other root's tree. */
export function topsOf(roots: readonly number[], parents: Parents): number[] {
  return roots.filter((root) => parents.has(root) && !hasAncestor(root, roots, parents));
}

function hasAncestor(pid: number, roots: readonly number[], parents: Parents): boolean {
  const seen = new Set([pid]);
  for (let parent = parents.get(pid); parent !== undefined && !seen.has(parent); parent = parents.get(parent)) {
    if (roots.includes(parent)) return true;
    seen.add(parent);
  }
  return false;
}
