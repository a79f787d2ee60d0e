export interface Stat {
  /** The program's or thread's name, of at most 15 bytes. */
  readonly name: Buffer;
  readonly state: string;
  readonly parent: number;
  /** In ticks since the machine started: with the process id, it tells a process from a later one. */
  readonly startTime: number;
  /** In pages; shared ones counted in full. */
  readonly residentPages: number;
  /**
   * The address where its stack begins, at random after each execve(2), while fork(2) leaves it where it was; 0 where it may
   * not be read. Two processes that have it in common are forks of one another, with no execve in between.
   */
  readonly stackStart: number;
}

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'disk sleep',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  X: 'dead',
  I: 'idle',
  P: 'parked',
};

/** The text of /proc/PID/stat or of a task's; undefined when it is not one. proc_pid_stat(5). */
export function parseStat(text: Buffer): Stat | undefined {
  // The name may hold anything, parentheses, spaces and line breaks too; it ends at the last parenthesis.
  const start = text.indexOf('(');
  const end = text.lastIndexOf(')');
  const fields = text.toString('latin1', end + 2).split(' ');
  if (start < 0 || end < start || fields.length < 22) return undefined;
  const [state = '', parent] = fields;
  return {
    name: text.subarray(start + 1, end),
    state: STATES[state] ?? state,
    parent: Number(parent),
    startTime: Number(fields[19]),
    residentPages: Number(fields[21]),
    stackStart: Number(fields[25] ?? 0),
  };
}
