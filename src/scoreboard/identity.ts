import { readFileSync } from 'node:fs';

/** What the kernel says of a process. proc_pid_status(5). */
export interface Identity {
  /** Its effective user. */
  readonly uid: number;
  readonly parent: number;
  /** Its id in its own process namespace. */
  readonly pidInside: number;
}

/** @throws ENOENT when there is no such process */
export function identityOf(pid: number): Identity {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  const numbers = (name: string) =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.split(/\s+/).map(Number) ?? [];
  return { uid: numbers('Uid')[1] ?? -1, parent: numbers('PPid')[0] ?? 0, pidInside: numbers('NSpid').at(-1) ?? pid };
}
