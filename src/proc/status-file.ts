import { readFileSync } from 'node:fs';

/** What /proc/PID/status says of a process, which everybody may read. proc_pid_status(5). */
export class StatusFile {
  readonly #text: string;

  /** @throws ENOENT or ESRCH when there is no such process */
  constructor(pid: number | 'self') {
    this.#text = readFileSync(`/proc/${pid}/status`, 'latin1');
  }

  /** A field's text; undefined in a kernel that does not have it. */
  field(name: string): string | undefined {
    return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(this.#text)?.[1];
  }

  /** The decimal numbers of a field. */
  numbers(name: string): number[] {
    return this.field(name)?.match(/\d+/g)?.map(Number) ?? [];
  }
}
