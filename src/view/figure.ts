/** What the page draws: one look at a tree of processes and its TCP listeners. Also the form of a recording's lines. */
export interface Figure {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Each parent before its children. */
  readonly processes: readonly FigureProcess[];
  readonly listeners: readonly FigureListener[];
  /** Accepted connections of these listeners. */
  readonly connections: readonly FigureConnection[];
  /** What could not be seen, and why, each in a sentence. */
  readonly notes: readonly string[];
}

export interface FigureProcess {
  readonly pid: number;
  /** In ticks since the machine started: with the pid, it tells a process from a later one. */
  readonly start: number;
  readonly parent: number;
  readonly name: string;
  /** 'sleeping', 'running', 'stopped', 'zombie', … */
  readonly state: string;
  /** What the main thread waits in: 'accept4(17)', 'epoll_pwait(14)', 'running'; null where it may not be read. */
  readonly waitsIn: string | null;
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

export interface FigureConnection {
  readonly local: string;
  readonly peer: string;
  readonly inode: number;
  readonly holders: readonly Holder[];
}

/** A TCP connection that the view's server made, with what a terminal shows of it. */
export interface ClientView {
  readonly id: number;
  /** 'ADDRESS:PORT', as the server sees it; null until it is connected. */
  readonly address: string | null;
  readonly kind: ClientKind;
  readonly open: boolean;
  /** The last lines, sent and received. */
  readonly text: string;
}

export const CLIENT_KINDS = ['terminal', 'silent', 'slow'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

/** What the page is told first. */
export interface About {
  readonly mode: 'live' | 'replay';
  /** The processes may be acted on: the view has started them. */
  readonly owned: boolean;
  readonly frames: readonly Figure[];
}

export type Act =
  | { readonly act: 'connect'; readonly kind: ClientKind; readonly count: number }
  | { readonly act: 'send'; readonly client: number; readonly text: string }
  | { readonly act: 'hang-up' | 'reset'; readonly client: number }
  | { readonly act: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'; readonly pid: number; readonly start: number }
  | { readonly act: 'start' };
