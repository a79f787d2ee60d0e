import { binding } from './binding.js';

const SEALS = { seal: 1, shrink: 2, grow: 4, write: 8, 'future-write': 16 } as const;

/** What a file cannot be any more: sealed further, made shorter or longer, written, or mapped for writing anew. */
export type Seal = keyof typeof SEALS;

/**
 * Takes from all processes, for good, what they could do to memory of createSharedMemory(). F_ADD_SEALS in fcntl(2).
 * @throws EPERM when it is sealed against seals; EBUSY for 'write' while it is mapped; EINVAL for what is no such memory,
 * and for 'future-write' on a kernel before 5.1
 */
export function addSeals(fd: number, seals: readonly Seal[]): void {
  binding().addSeals(
    fd,
    seals.reduce((sum, name) => sum | SEALS[name], 0),
  );
}

/** F_GET_SEALS in fcntl(2). @throws EINVAL for a file that cannot be sealed */
export function getSeals(fd: number): Seal[] {
  const found = binding().getSeals(fd);
  return (Object.keys(SEALS) as Seal[]).filter((name) => (found & SEALS[name]) !== 0);
}
