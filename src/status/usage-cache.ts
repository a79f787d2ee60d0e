import { readUsage, type Usage } from '../proc/usage.js';

/** Milliseconds for which a process's usage is not read anew. */
const FRESH = 1000;

/** Null also where /proc cannot be read just now, as when no descriptor is left: the rest of the status is known. */
function usageNow(pid: number): Usage | null | undefined {
  try {
    return readUsage(pid);
  } catch {
    return null;
  }
}

/** What processes take, as of at most a second ago. */
export class UsageCache {
  readonly #known = new Map<number, { readonly time: number; readonly usage: Usage | null | undefined }>();

  /** @returns whether it has been read anew, which takes some milliseconds for a large process */
  update(pid: number): boolean {
    const now = performance.now();
    if (now - (this.#known.get(pid)?.time ?? -FRESH) < FRESH) return false;
    for (const [other, { time }] of this.#known) if (now - time > 10 * FRESH) this.#known.delete(other);
    this.#known.set(pid, { time: now, usage: usageNow(pid) });
    return true;
  }

  get(pid: number): Usage | null | undefined {
    return this.#known.get(pid)?.usage;
  }
}
