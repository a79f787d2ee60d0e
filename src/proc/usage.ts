import { readFileSync } from 'node:fs';
import { readText } from './read.js';

/** What a process holds, in bytes. */
export interface Memory {
  /** Pages that processes share counted in parts: the sum over processes is what they take together. */
  readonly pss: number;
  /** Shared pages counted in full. */
  readonly rss: number;
  /** What would be free without this process. */
  readonly private: number;
}

/** What a process takes of the machine. */
export interface Usage extends Memory {
  /** Milliseconds of processor time so far. */
  readonly cpu: number;
}

/** Linux tells user space of 100 ticks a second, whatever it works with. */
const TICK = 10;

/**
 * Reads it from /proc, which takes the kernel some time: it goes over the process's page tables.
 * @returns undefined when the process has ended, null when this process may not look
 */
export function readUsage(pid: number): Usage | null | undefined {
  try {
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const cpu = cpuTime(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return { ...parseRollup(memory), cpu };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    if (code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
}

/** What a process holds, as far as it may be seen. */
export interface SeenMemory extends Memory {
  /** Shared pages could not be told from its own, and are counted in full: `pss` is `rss`. */
  readonly inFull: boolean;
}

/** Nothing for a process that has ended. Where smaps_rollup may not be read, /proc/PID/status, which everybody may read. */
export function memoryOf(pid: number): SeenMemory {
  const usage = readUsage(pid);
  if (usage === undefined) return { pss: 0, rss: 0, private: 0, inFull: false };
  if (usage !== null) return { pss: usage.pss, rss: usage.rss, private: usage.private, inFull: false };
  try {
    return parseStatus(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return { pss: 0, rss: 0, private: 0, inFull: false };
    throw error;
  }
}

/** The text of /proc/PID/status. */
export function parseStatus(text: string): SeenMemory {
  const bytes = bytesIn(text);
  const rss = bytes('VmRSS');
  return { pss: rss, rss, private: bytes('RssAnon'), inFull: true };
}

/** The text of /proc/PID/smaps_rollup. */
export function parseRollup(text: string): Memory {
  const bytes = bytesIn(text);
  return { pss: bytes('Pss'), rss: bytes('Rss'), private: bytes('Private_Clean') + bytes('Private_Dirty') };
}

/** Finds amounts by name; 0 for one that is not there. */
function bytesIn(text: string): (name: string) => number {
  return (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
}

/** Milliseconds, from the text of /proc/PID/stat; 0 of an empty one. */
export function cpuTime(text: string): number {
  return ticksIn(text, 11) + ticksIn(text, 12);
}

/** Milliseconds that children have used which have ended and were waited for, from the text of /proc/PID/stat. */
export function endedChildrenTime(text: string): number {
  return ticksIn(text, 13) + ticksIn(text, 14);
}

function ticksIn(text: string, field: number): number {
  // The name of the program, which may hold anything, ends at the last parenthesis.
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[field] ?? 0) * TICK;
}

/** Milliseconds of processor time so far; undefined when the process has ended. */
export function readCpuTime(pid: number): number | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text ? cpuTime(text) : undefined;
}
