/** What the page draws: one look at a tree of processes and its TCP listeners. A recording has a line of them per look. */
export interface Figure {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Each parent before its children. */
  readonly processes: readonly FigureProcess[];
  readonly listeners: readonly FigureListener[];
  /** Accepted connections of these listeners. */
  readonly connections: readonly FigureConnection[];
  /** Files that lessons share by fork; of other programs none are looked for. */
  readonly files: readonly FigureFile[];
  /** What could not be seen, and why, each in a sentence. */
  readonly notes: readonly string[];
}

export interface FigureProcess {
  readonly pid: number;
  /** In ticks since the machine started: with the pid, it tells a process from a later one. */
  readonly start: number;
  readonly parent: number;
  readonly name: string;
  /** 'monitor', 'worker 0', 'nginx: worker process', …: what it is in its server, where that is known. */
  readonly role?: string;
  /** 'sleeping', 'running', 'stopped', 'zombie', … */
  readonly state: string;
  /** What the main thread waits in: 'accept4(17)', 'epoll_pwait(14)', 'running'; null where it may not be read. */
  readonly waitsIn: string | null;
  /** The text that it is about to write to its terminal, which is stopped; absent when it does not wait for that. */
  readonly prints?: string;
}

export interface Holder {
  readonly pid: number;
  readonly fd: number;
}

/** An open file description of a listening TCP socket. */
export interface FigureListener {
  /** 'ADDRESS:PORT'. */
  readonly address: string;
  readonly inode: number;
  readonly holders: readonly Holder[];
  /** How it is known that they hold one description; null of a single holder. */
  readonly proof: 'kcmp' | 'inode' | null;
  /** How many connections wait to be accepted, of at most how many. */
  readonly queued: number;
  readonly backlog: number | null;
  /** Who waits: 'ADDRESS:PORT'. */
  readonly waiting: readonly string[];
}

/** An open file description of a plain file. */
export interface FigureFile {
  readonly path: string;
  /** 'O_RDONLY', 'O_WRONLY' or 'O_RDWR'. */
  readonly access: string;
  /** The offset in bytes, which all that share the description have in common. */
  readonly offset: number;
  readonly holders: readonly Holder[];
}

export interface FigureConnection {
  readonly local: string;
  readonly peer: string;
  readonly inode: number;
  readonly holders: readonly Holder[];
}
