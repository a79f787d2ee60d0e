import type { Descriptor } from '../proc/process.js';
import { groupBy } from '../util/group-by.js';

/** kcmp(2) with KCMP_FILE: 0 for the same open file description, 1 and 2 for the order of two others. */
export type Compare = (pid1: number, pid2: number, fd1: number, fd2: number) => number;

export interface Identified {
  readonly descriptors: readonly Descriptor[];
  /** How it is known that they are one, and different from all others; null where nothing had to be compared. */
  readonly proof: 'kcmp' | 'inode' | null;
}

export interface Identification {
  readonly groups: readonly Identified[];
  /** Why kcmp could not be used, such as 'EPERM'; null when it could. */
  readonly refusal: string | null;
}

const ACCESS = 3;
const CLOSED = new Set(['EBADF', 'ESRCH']);

/**
 * Which descriptors mean the same open file description. Only those of one inode are compared, and sorted by kcmp's
 * order; where that is not allowed, the inode has to do.
 */
export function identify(descriptors: readonly Descriptor[], compare: Compare): Identification {
  let refusal: string | null = null;
  const groups = [...groupBy(descriptors, inodeKey).values()].flatMap((candidates): Identified[] => {
    if (candidates.length === 1) return [{ descriptors: candidates, proof: null }];
    try {
      return sortByDescription(candidates, compare).map((same) => ({ descriptors: same, proof: 'kcmp' }));
    } catch (error) {
      refusal = (error as NodeJS.ErrnoException).code ?? String(error);
      return [...groupBy(candidates, weakKey).values()].map((same) => ({ descriptors: same, proof: 'inode' }));
    }
  });
  return { groups, refusal };
}

/** Each description's descriptors. @throws when they may not be compared */
function sortByDescription(descriptors: readonly Descriptor[], compare: Compare): Descriptor[][] {
  const sorted: Descriptor[][] = [];
  for (const descriptor of descriptors) insert(descriptor, sorted, compare);
  return sorted;
}

/** Finds the descriptor's place by bisection; one that has been closed meanwhile, on either side, is left out. */
function insert(descriptor: Descriptor, sorted: Descriptor[][], compare: Compare): void {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const same = sorted[middle] as Descriptor[];
    const order = orderOf(descriptor, same[0] as Descriptor, compare);
    if (order === 0) {
      same.push(descriptor);
      return;
    }
    if (order === 1) high = middle;
    else if (order !== undefined) low = middle + 1;
    else if (orderOf(descriptor, descriptor, compare) === undefined) return;
    else if (same.shift() && same.length === 0) {
      sorted.splice(middle, 1);
      high--;
    }
  }
  sorted.splice(low, 0, [descriptor]);
}

/** Undefined when one of them is closed by now. */
function orderOf(one: Descriptor, other: Descriptor, compare: Compare): number | undefined {
  try {
    return compare(one.pid, other.pid, one.fd, other.fd);
  } catch (error) {
    if (CLOSED.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Descriptors of one description have it in common. All that the kernel keeps without a file have the same inode. */
function inodeKey({ link, info }: Descriptor): string {
  const file = info.inode === null ? link.name : `${info.mount}:${info.inode}`;
  return isFile(link.kind) ? file : `${file} ${link.kind} ${info.eventfd}`;
}

/** As much as can be told without kcmp; an inode that all have in common tells nothing. */
function weakKey(descriptor: Descriptor): string {
  const { pid, fd, link, info } = descriptor;
  const access = `${inodeKey(descriptor)} ${(info.flags ?? 0) & ACCESS}`;
  return link.name === '' && info.eventfd === null ? `${access} ${pid}:${fd}` : access;
}

function isFile(kind: string): boolean {
  return ['file', 'device', 'memfd', 'socket', 'pipe'].includes(kind);
}
