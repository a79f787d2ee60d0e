import { packageFile } from '../../util/package-files.js';
import { Program } from '../program.js';

const PROGRAM = packageFile('dist/compare/programs/fork-time.js');
/** How long one process may take to be made. */
const FORK_TIMEOUT_MS = 20_000;

/** In milliseconds: until the call that makes a process has returned, and until the process is heard of. */
export interface ForkTimes {
  readonly returned: number[];
  readonly heard: number[];
}

/** A Node that makes processes, one at a time. */
export class ForkTimer extends Program {
  /** @param megabytes how large it is to be @param addon c-library-fork.node of bench, for its way @param node which one */
  static async start(megabytes = 0, addon = '', node = process.execPath): Promise<ForkTimer> {
    const timer = new ForkTimer([node, PROGRAM, megabytes, addon]);
    await timer.ready(() => timer.line(/^ready$/));
    return timer;
  }

  /** @param way see programs/fork-time.ts @throws Error with what it has said when it fails */
  async time(way: string): Promise<readonly [returned: number, heard: number]> {
    this.say(way);
    const [, returned, heard] = await this.ready(() => this.line(/^(\S+) (\S+)$/), FORK_TIMEOUT_MS);
    return [Number(returned), Number(heard)];
  }
}

/** Has a small Node make so many processes in a way. */
export async function timeForks(way: string, count: number): Promise<ForkTimes> {
  await using timer = await ForkTimer.start();
  const times: ForkTimes = { returned: [], heard: [] };
  for (let n = 0; n < count; n++) {
    const [returned, heard] = await timer.time(way);
    times.returned.push(returned);
    times.heard.push(heard);
  }
  return times;
}
