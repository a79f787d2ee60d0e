import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseSyscall } from '../../src/proc/syscall.js';

/** The ids of all processes, from /proc. */
export function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export interface ProcessStat {
  readonly pid: number;
  readonly command: string;
  /** 'R' running, 'S' asleep, 'Z' a zombie, … See proc_pid_stat(5). */
  readonly state: string;
  readonly ppid: number;
}

/** What /proc/PID/stat says; undefined when there is no such process. */
export function processStat(pid: number): ProcessStat | undefined {
  const found = /^\d+ \((.*)\) (\S) (\d+)/s.exec(readProc(`/proc/${pid}/stat`));
  if (found === null) return undefined;
  return { pid, command: found[1] ?? '', state: found[2] ?? '', ppid: Number(found[3]) };
}

/** Whether a process runs: it exists and is no zombie. */
export function isAlive(pid: number): boolean {
  const state = processStat(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** The children of a process, zombies included. */
export function childrenOf(pid: number): ProcessStat[] {
  return processIds()
    .map(processStat)
    .filter((stat) => stat?.ppid === pid) as ProcessStat[];
}

/** The running processes whose environment at their start had this variable, and what these forked. */
export function processesWithEnvironment(name: string, value: string): number[] {
  const wanted = `\0${name}=${value}\0`;
  return processIds().filter((pid) => isAlive(pid) && `\0${readProc(`/proc/${pid}/environ`)}`.includes(wanted));
}

/** A process's open descriptors and what they are, such as 'socket:[1234]'. */
export function openDescriptors(pid: number | 'self' = 'self'): Map<number, string> {
  const open = new Map<number, string>();
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    try {
      open.set(Number(name), readlinkSync(`/proc/${pid}/fd/${name}`));
    } catch {} // Closed since; one of them is the listing's own.
  }
  return open;
}

/** The flags of an open descriptor, O_RDWR, O_NONBLOCK, O_CLOEXEC …, from fdinfo. proc_pid_fdinfo(5). */
export function descriptorFlags(fd: number, pid: number | 'self' = 'self'): number {
  const found = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'));
  return Number.parseInt(found?.[1] ?? '', 8);
}

/** The system call that a process's main thread is blocked in, such as 'accept4'; undefined when it is not. */
export function currentSyscall(pid: number): string | undefined {
  return parseSyscall(readProc(`/proc/${pid}/syscall`))?.replace(/\(.*/, '');
}

/** One field of /proc/PID/status, such as 'SigIgn'. proc_pid_status(5). */
export function statusField(pid: number, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readProc(`/proc/${pid}/status`))?.[1];
}

/** One file of /proc, empty when the process is gone or not ours to read. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
