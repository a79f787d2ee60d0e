import { dirname, join } from 'node:path';
import type { AppOptions } from '../channel/launch.js';
import { type NodeFlags, requireFirst, withoutModules } from '../node/flags.js';

/**
 * Has V8 not collect everything in each worker that rests, or that is forked minutes after the zygote's last collection:
 * that writes all over the pages that are shared. V8 reads this flag when it starts, and never again.
 */
const NO_REDUCER = '--no-memory-reducer';

/**
 * The flags that the zygote's Node gets. Where the app is loaded there, it has them all, and they do what they do under
 * plain node, though not before this package is ready for the app, there and in the app's Workers. Otherwise the modules
 * that they name belong to the workers, each of which runs them before the app: see runFlaggedModules().
 * @param program the zygote's main script, which may be that of another installation
 */
export function flagsOfZygote(
  { preload, nodeFlags }: Pick<AppOptions, 'preload' | 'nodeFlags'>,
  program: string,
): NodeFlags {
  const first = join(dirname(program), 'zygote-first.cjs');
  const { options, argv } = preload ? requireFirst(first, nodeFlags) : withoutModules(nodeFlags)[0];
  return { options, argv: [NO_REDUCER, ...argv] }; // The user's own come later, and go before.
}
