import type { Figure } from '../figure/figure.js';

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
