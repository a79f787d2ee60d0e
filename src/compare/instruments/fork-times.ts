import { packageFile } from '../../util/package-files.js';
import { Program } from '../program.js';

const PROGRAM = packageFile('dist/compare/programs/fork-time.js');
/** How long one process may take to be made. */
const FORK_TIMEOUT_MS = 20_000;

/** A Node that makes processes, one at a time. */
export class ForkTimer extends Program {
  /** @param megabytes how large it is to be @param module of further ways @param node which one */
  static async start(megabytes = 0, module = '', node = process.execPath): Promise<ForkTimer> {
    const timer = new ForkTimer([node, PROGRAM, megabytes, module]);
    await timer.ready(() => timer.line(/^ready$/));
    return timer;
  }

  /**
   * @param way see programs/fork-time.ts
   * @returns milliseconds until the call that makes a process has returned, and until the process is heard of
   * @throws Error with what it has said when it fails
   */
  async time(way: string): Promise<readonly [returned: number, heard: number]> {
    this.say(way);
    const [, returned, heard] = await this.ready(() => this.line(/^(\S+) (\S+)$/), FORK_TIMEOUT_MS);
    return [Number(returned), Number(heard)];
  }

  /** The times of so many, one after another. */
  async times(way: string, count: number): Promise<{ readonly returned: number[]; readonly heard: number[] }> {
    const times = [];
    while (times.length < count) times.push(await this.time(way));
    return { returned: times.map(([returned]) => returned), heard: times.map(([, heard]) => heard) };
  }
}
