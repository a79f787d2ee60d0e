import { readFileSync } from 'node:fs';
import { readNumbers, readText } from './read.js';

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

/** The memory of processes together, in MB: pages that they share counted once. @throws Error where it may not be read */
export function familyMemory(pids: readonly number[]): number {
  let bytes = 0;
  for (const pid of pids) {
    const usage = readUsage(pid);
    if (usage === null) throw new Error(`/proc/${pid}/smaps_rollup may not be read`);
    bytes += usage?.pss ?? 0;
  }
  return bytes / 1e6;
}

/** The text of /proc/PID/status. */
function parseStatus(text: string): SeenMemory {
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

/** What a process has used of the processors until now. */
export interface ProcessorUse {
  /** Milliseconds of processor time, with that of children which have ended and were waited for. */
  readonly cpu: number;
  /** Context switches: of threads that gave the processor up, and of those that it was taken from. */
  readonly voluntary: number;
  readonly involuntary: number;
}

/** Reads it, of all threads that there are; nothing of a process that is gone. */
export function readProcessorUse(pid: number): ProcessorUse {
  const stat = readText(`/proc/${pid}/stat`) || '';
  const use = { cpu: ticksIn(stat, 13) + ticksIn(stat, 14), voluntary: 0, involuntary: 0 };
  for (const tid of readNumbers(`/proc/${pid}/task`) ?? []) {
    const folder = `/proc/${pid}/task/${tid}`;
    const status = readText(`${folder}/status`) || '';
    const count = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)$`, 'm').exec(status)?.[1] ?? 0);
    use.voluntary += count('voluntary_ctxt_switches');
    use.involuntary += count('nonvoluntary_ctxt_switches');
    // Nanoseconds, where the kernel keeps them: it counts in ticks of 10 ms otherwise.
    const exact = readText(`${folder}/schedstat`);
    use.cpu += exact ? Number.parseInt(exact, 10) / 1e6 : cpuTime(readText(`${folder}/stat`) || '');
  }
  return use;
}

/**
 * Begins to measure.
 * @returns a function that tells what these processes have used since, also those that have ended meanwhile
 */
export function meter(server: { members(): readonly number[] }): () => ProcessorUse {
  const read = () => server.members().map(readProcessorUse);
  const before = read();
  return () => {
    const now = read();
    const sum = (uses: ProcessorUse[], what: keyof ProcessorUse) => uses.reduce((total, use) => total + use[what], 0);
    const since = (what: keyof ProcessorUse) => sum(now, what) - sum(before, what);
    return { cpu: since('cpu'), voluntary: since('voluntary'), involuntary: since('involuntary') };
  };
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
