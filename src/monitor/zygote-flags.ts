import { dirname, join } from 'node:path';
import type { AppOptions } from '../app/app-process.js';
import { type NodeFlags, requireFirst, withoutModules } from '../node/flags.js';

/**
 * The flags that the zygote's Node gets. Where the app is loaded there, it has them all, and they do what they do under
 * plain node, though not before this package is ready for the app, there and in the app's Workers. Otherwise the modules that they name belong to the
 * workers, each of which runs them before the app: see runFlaggedModules().
 * @param program the zygote's main script, which may be that of another installation
 */
export function flagsOfZygote(
  { preload, nodeFlags }: Pick<AppOptions, 'preload' | 'nodeFlags'>,
  program: string,
): NodeFlags {
  return preload ? requireFirst(join(dirname(program), 'zygote-first.cjs'), nodeFlags) : withoutModules(nodeFlags)[0];
}
