import { type NodeFlags, setsTitle } from '../node/flags.js';

/** What process.title gives back of the name that prefork has given, which may have been too long. */
let given: string | undefined;

/** Names this process for lists of processes, except where the app does: by process.title or by Node's flag --title. */
export function nameProcess(title: string, flags: NodeFlags): void {
  if (given === undefined ? setsTitle(flags) : process.title !== given) return;
  process.title = title;
  given = process.title;
}
