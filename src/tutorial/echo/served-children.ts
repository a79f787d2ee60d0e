import { pipe, poll, read, write } from '../../posix/index.js';

const RECORD = 4;

/**
 * Which children have served a client: each says so once, in a pipe that the parent looks into when one has died.
 * To be made before the fork.
 */
export class ServedChildren {
  readonly #ends = pipe();
  readonly #pids = new Set<number>();

  /** In the child, of itself. */
  add(pid: number): void {
    const record = Buffer.allocUnsafe(RECORD);
    record.writeUInt32LE(pid);
    write(this.#ends[1], record);
  }

  /** In the parent, of a child that has ended; it is forgotten then. */
  take(pid: number): boolean {
    while (poll(this.#ends[0], 'read', 0)) {
      const records = read(this.#ends[0]);
      for (let at = 0; at < records.length; at += RECORD) this.#pids.add(records.readUInt32LE(at));
    }
    return this.#pids.delete(pid);
  }
}
