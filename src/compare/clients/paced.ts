import { groupBy } from '../../util/group-by.js';
import { packageFile } from '../../util/package-files.js';
import { Program } from '../program.js';

/** Requests that come at their times, whether those before have been answered or not. */
export interface Pace {
  readonly port: number;
  readonly path: string;
  /** A second, each on a connection of its own. */
  readonly rate: number;
  readonly seconds: number;
  /** How long no request may be answered before those that are left have failed. */
  readonly silenceMs: number;
}

/** When it was sent, by the scoreboard's monotonicNow(), which all processes have in common, and how long its answer took, in milliseconds, or how it failed. */
export type Request = readonly [sent: number, answer: number | string];

const PROGRAM = packageFile('dist/compare/programs/paced-client.js');

/**
 * Sends them from a process of its own.
 * @param meanwhile begins once the first was sent
 * @throws Error when the process fails
 */
export async function paced(pace: Pace, meanwhile: () => unknown = () => {}): Promise<Request[]> {
  await using client = new Program([process.execPath, PROGRAM, JSON.stringify(pace)]);
  await client.line(/^started$/);
  const [[result]] = await Promise.all([client.line(/^\[.*\]$/), meanwhile()]);
  return JSON.parse(result) as Request[];
}

export function answeredOf(requests: readonly Request[]): (readonly [sent: number, answer: number])[] {
  return requests.filter((request): request is readonly [number, number] => typeof request[1] === 'number');
}

/** How long the answers took, ascending. */
export function latenciesOf(requests: readonly Request[]): number[] {
  const answers = answeredOf(requests).map(([, answer]) => answer);
  return answers.sort((a, b) => a - b);
}

/** '3 × ECONNREFUSED, 1 × end of file'. */
export function failuresOf(requests: readonly Request[]): string {
  return tallyOf(requests.flatMap(([, answer]) => (typeof answer === 'string' ? answer : [])));
}

/** How often each name is there: '3 × ECONNREFUSED, 1 × end of file'. */
export function tallyOf(names: readonly string[]): string {
  return [...groupBy(names, (name) => name)].map(([name, { length }]) => `${length} × ${name}`).join(', ');
}
