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
  /** In bytes, for all that share the description. */
  readonly offset: number;
  readonly holders: readonly Holder[];
}

export interface FigureConnection {
  readonly local: string;
  readonly peer: string;
  readonly inode: number;
  readonly holders: readonly Holder[];
}

/** One of the page's clients: a TCP connection to each program that is shown. */
export interface ClientView {
  readonly id: number;
  readonly kind: ClientKind;
  /** One for each program, in the order of the figures. */
  readonly ends: readonly ClientEnd[];
}

export interface ClientEnd {
  /** 'ADDRESS:PORT', as the server sees it; null until it is connected. */
  readonly address: string | null;
  readonly open: boolean;
  /** The last lines, sent and received. */
  readonly text: string;
}

export const CLIENT_KINDS = ['terminal', 'silent', 'slow'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

/** The same echo server, written in several ways: see `prefork echo --model`; as an app of `prefork start`. */
export const MODELS = ['prefork', 'start', 'cluster', 'cluster-none', 'event-loop'] as const;
export type Model = (typeof MODELS)[number];

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What is shown: programs that the view starts, or processes of somebody else. */
export type Scene =
  | { readonly show: 'echo'; readonly models: readonly Model[] }
  | { readonly show: 'lesson'; readonly lesson: number; readonly language: Language }
  | { readonly show: 'others' };

/** How fast a lesson may print: a line when asked for one, a line now and then, or as it likes. */
export const PACES = ['line', 'slow', 'run'] as const;
export type Pace = (typeof PACES)[number];

/** What the page is told of the scene; anew when another has begun. */
export interface Stage {
  /** Another number for each start. */
  readonly run: number;
  readonly scene: Scene;
  /** The lesson's source text; null without a lesson. */
  readonly source: string | null;
}

/** A lesson's terminal. */
export interface TerminalView {
  readonly text: string;
  readonly pace: Pace;
  /** How the program has ended: 'status 0', 'SIGKILL'; null while it runs. */
  readonly ended: string | null;
}

/** What the page is told first. */
export interface About {
  readonly mode: 'live' | 'replay';
  readonly frames: readonly (readonly Figure[])[];
  /** The titles of the lessons, in their order; empty where they cannot be shown. */
  readonly lessons: readonly Readonly<Record<Language, string>>[];
}

export interface Events {
  readonly figures: readonly Figure[];
  readonly clients: readonly ClientView[];
  readonly stage: Stage;
  readonly terminal: TerminalView;
}

/** For any process; and those that the monitor of `prefork start` takes: one worker more, one fewer, reload. */
export const SIGNALS = ['SIGKILL', 'SIGSTOP', 'SIGCONT', 'SIGTTIN', 'SIGTTOU', 'SIGHUP'] as const;

export type Act =
  | { readonly act: 'connect'; readonly kind: ClientKind; readonly count: number }
  | { readonly act: 'send'; readonly client: number; readonly text: string }
  | { readonly act: 'hang-up' | 'reset' | 'forget'; readonly client: number }
  | { readonly act: (typeof SIGNALS)[number]; readonly pid: number; readonly start: number }
  | { readonly act: 'start' }
  | { readonly act: 'scene'; readonly scene: Exclude<Scene, { show: 'others' }> }
  | { readonly act: 'pace'; readonly pace: Pace }
  | { readonly act: 'next' };
