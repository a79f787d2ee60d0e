import type { ListenAddress } from '../net/address.js';
import type { Settings } from '../settings/index.js';

const VARIABLE = 'PREFORK_WITHOUT_FORK';

/** What a worker of node:cluster is told at its start. */
export interface Task extends Pick<Settings, 'preloadModules' | 'backlog' | 'spawnTimeout' | 'grace' | 'maxRequests'> {
  /** The app's absolute path. */
  readonly app: string;
  /** Where the app's first server listens; undefined for where the app says. */
  readonly listen: ListenAddress | undefined;
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

/** What a worker tells the primary once it has had --max-requests, among the messages that the app sends. */
export const MAX_REQUESTS_REACHED = { 'prefork worker': 'has had its requests' } as const;

/** What the primary tells a worker, among those that are for the app. */
export interface LeaveOrder {
  readonly 'prefork primary': 'leave';
  /** The service ends. */
  readonly stopping: boolean;
  /** There is no time for what is in flight. */
  readonly quick: boolean;
}

export function isMaxRequestsReached(message: unknown): boolean {
  return says(message, 'prefork worker', MAX_REQUESTS_REACHED['prefork worker']);
}

export function isLeaveOrder(message: unknown): message is LeaveOrder {
  return says(message, 'prefork primary', 'leave');
}

function says(message: unknown, key: string, what: string): boolean {
  return typeof message === 'object' && message !== null && Reflect.get(message, key) === what;
}
