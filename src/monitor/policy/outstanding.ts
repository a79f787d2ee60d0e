/** How many bytes may wait to be written. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What a message takes of memory beside its own bytes. */
const OVERHEAD_BYTES = 512;

/** Bounds what waits for a reader: without a bound, one who does not read has the writer's memory fill up. */
export class Outstanding {
  #bytes = 0;
  #isRefusing = false;

  /** Whether a message of so many bytes may wait, too; one that may not is to be dropped. */
  add(bytes: number): 'admitted' | 'first refused' | 'refused' {
    if (this.#bytes + bytes + OVERHEAD_BYTES <= MAX_BYTES) {
      this.#bytes += bytes + OVERHEAD_BYTES;
      return 'admitted';
    }
    const isFirst = !this.#isRefusing;
    this.#isRefusing = true;
    return isFirst ? 'first refused' : 'refused';
  }

  /** One of so many bytes was written. A refusal is a first one again once nothing waits. */
  done(bytes: number): void {
    this.#bytes -= bytes + OVERHEAD_BYTES;
    if (this.#bytes === 0) this.#isRefusing = false;
  }
}
