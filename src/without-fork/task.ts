import type { ListenAddress } from '../net/address.js';

const VARIABLE = 'PREFORK_WITHOUT_FORK';

/** What a worker of node:cluster is told at its start. Times are in milliseconds. */
export interface Task {
  /** The app's absolute path. */
  readonly app: string;
  readonly preloadModules: readonly string[];
  /** Where the app's first server listens; undefined for where the app says. */
  readonly listen: ListenAddress | undefined;
  readonly backlog: number | undefined;
  /** How long its beforeFork hooks may take. */
  readonly spawnTimeout: number;
  /** How long it may take, once it leaves, for what is in flight. */
  readonly grace: number;
  /** 0 for any number. */
  readonly maxRequests: number;
  readonly slot: number;
  readonly generation: number;
}

export function taskVariables(task: Task): NodeJS.ProcessEnv {
  return { [VARIABLE]: JSON.stringify(task) };
}

/** Takes it from the environment, so that neither the app nor its children see it. */
export function takeTask(): Task {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('only prefork start runs this program');
  delete process.env[VARIABLE];
  return JSON.parse(text) as Task;
}

/** What a worker tells the primary, among the messages that the app sends. */
export const WORN_OUT = { 'prefork worker': 'has had its requests' } as const;

export function isWornOut(message: unknown): boolean {
  const [key, value] = Object.entries(WORN_OUT)[0] as [string, string];
  return typeof message === 'object' && message !== null && Reflect.get(message, key) === value;
}
