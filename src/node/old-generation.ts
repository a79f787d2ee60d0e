import { getHeapCodeStatistics, getHeapSpaceStatistics } from 'node:v8';

/** The pages of V8's old generation, without objects that have pages of their own. In bytes. */
export interface OldGeneration {
  readonly size: number;
  readonly used: number;
  /** What lies between the objects, as far as V8 allocates there. The rest is V8's own. */
  readonly free: number;
}

export function oldGeneration(): OldGeneration {
  const found = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space');
  const { space_size: size = 0, space_used_size: used = 0, space_available_size: free = 0 } = found ?? {};
  return { size, used, free };
}

/** Ends what is left of the last collection: threads sweep the pages, and only then it is known what is free there. */
export function endSweep(): void {
  getHeapCodeStatistics(); // It goes through all pages, and has them swept first.
}
