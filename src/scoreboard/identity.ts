import { StatusFile } from '../proc/status-file.js';

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
  const status = new StatusFile(pid);
  const [uid, parent, pidInside] = [
    status.numbers('Uid')[1],
    status.numbers('PPid')[0],
    status.numbers('NSpid').at(-1),
  ];
  return { uid: uid ?? -1, parent: parent ?? 0, pidInside: pidInside ?? pid };
}
