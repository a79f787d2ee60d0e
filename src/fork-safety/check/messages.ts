import type { AppOptions, LoadPlan } from '../../channel/launch.js';
import type { Diagnostic } from '../index.js';

/** What one sibling has drawn, by the name of its source; a value that the other has, too, should not be. */
export type Drawn = Readonly<Record<string, readonly string[]>>;

/** From the process that loads the app, and from its siblings, to the command; a line of JSON each. */
export type CheckMessage =
  | { readonly type: 'findings'; readonly findings: readonly Diagnostic[] }
  /** The app is to be loaded once more, with these connects held; what else was found, as `findings`. */
  | { readonly type: 'hold'; readonly destinations: readonly string[]; readonly findings: readonly Diagnostic[] }
  /** The app never came to where it may be forked. */
  | { readonly type: 'unsettled'; readonly reasons: readonly string[] }
  | { readonly type: 'drawn'; readonly drawn: Drawn }
  /** There is no sibling to compare. */
  | { readonly type: 'no comparison'; readonly reason: string };

/** How the process that loads the app is told what to do: in the environment, as JSON. */
export const VARIABLE = 'PREFORK_CHECK';

export interface CheckOptions extends LoadPlan, Pick<AppOptions, 'spawnTimeout' | 'preloadModules' | 'nodeFlags'> {
  /** Where the messages go. */
  readonly fd: number;
  /** The process of the command. */
  readonly checker: number;
}
