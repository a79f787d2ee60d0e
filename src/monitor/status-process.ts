import { Socket } from 'node:net';
import { discard } from '../posix/file.js';
import {
  _exit,
  execve,
  fork,
  getppid,
  listen,
  pipe,
  setCloseOnExec,
  setParentDeathSignal,
  setpgid,
  shutdown,
  signalChild,
  socketpair,
  waitpid,
} from '../posix/index.js';
import { type NewMark, Recorder, type Seen, type StatusServer, StatusSource } from '../status/index.js';
import { attempt } from '../util/attempt.js';
import { backOff } from '../util/back-off.js';
import { packageFile } from '../util/package-files.js';
import type { LogFormat } from './log.js';
import { mustBeReadable, type Privileges, takePrivileges } from './privileges.js';
import { STATUS_VARIABLE, type StatusLaunch, type Told } from './status-launch.js';

const MAIN = packageFile('dist/monitor/status-main.js');
/** How often it is told anew at most, in milliseconds. */
const TELL_EVERY_MS = 100;

export interface StatusProcessOptions extends Seen {
  readonly host: string;
  /** Numeric. */
  readonly address: string;
  readonly port: number;
  readonly log: LogFormat;
  /** The monitor's own may be those of root: what HTTP brings is read by somebody else. */
  readonly privileges: Privileges;
  readonly warn: (message: string) => void;
}

/**
 * Serves the status from a process of its own, with the app's rights. It has the listening socket, and asks for numbers
 * by a byte in a pipe; the monitor reads nothing else from it. One that dies is started again: the monitor has the
 * history, and tells each of them all of it first, and then what is new.
 */
export class StatusProcess implements StatusServer {
  readonly port: number;
  readonly #options: StatusProcessOptions;
  readonly #source: StatusSource;
  readonly #recorder: Recorder;
  readonly #listenerFd: number;
  #pid = 0;
  #channel: Socket | undefined;
  #questions: Socket | undefined;
  #failures = 0;
  #again: NodeJS.Timeout | undefined;

  /** @throws EADDRINUSE, EACCES, …, and Error where the user may not read prefork */
  constructor(options: StatusProcessOptions) {
    this.#options = options;
    const { identity } = options.privileges;
    if (identity !== undefined && identity.uid !== 0) checkPath(identity);
    this.#source = new StatusSource(options);
    const { fd, address } = listen({ host: options.address, port: options.port });
    this.#listenerFd = fd;
    this.#recorder = new Recorder(this.#source);
    this.port = address.family === 'unix' ? 0 : address.port;
    this.#start();
  }

  mark(mark: NewMark): void {
    this.#recorder.mark({ ...mark, time: Date.now() });
  }

  async close(): Promise<void> {
    this.#recorder.close();
    clearTimeout(this.#again);
    for (const each of [this.#channel, this.#questions]) each?.removeAllListeners('close').destroy();
    discard(this.#listenerFd);
    this.#kill();
    const pid = this.#pid;
    if (pid !== 0) attempt(() => waitpid(pid)); // It may have been reaped.
  }

  /** Where it has ended and was reaped, its number may be that of a process that is no child of this one. */
  #kill(): void {
    if (this.#pid !== 0) attempt(() => signalChild(this.#pid, 'SIGKILL'));
  }

  #start(): void {
    const fds: number[] = [];
    try {
      fds.push(...socketpair());
      fds.push(...pipe());
      const [ours, theirs, asked, asks] = fds as [number, number, number, number];
      // It is only told by it: it could send descriptors, with which the monitor would have to wait. See closeUnread().
      shutdown(ours, 'read');
      const monitor = process.pid;
      this.#pid = fork({ keepSockets: [theirs] });
      if (this.#pid === 0)
        become(this.#options, monitor, { channelFd: theirs, askFd: asks, listenerFd: this.#listenerFd });
      fds.splice(0, fds.length, ours, asked);
      for (const fd of [theirs, asks]) discard(fd);
      this.#tellOn(new Socket({ fd: ours, readable: false }), new Socket({ fd: asked, writable: false }));
    } catch (error) {
      for (const fd of fds) discard(fd);
      this.#failed((error as Error).message);
    }
  }

  #tellOn(channel: Socket, questions: Socket): void {
    this.#channel = channel;
    this.#questions = questions;
    let told = 0;
    for (const each of [channel, questions]) each.on('error', () => {}); // 'close' follows.
    channel.on('close', () => questions.destroy());
    questions.on('close', () => {
      channel.destroy();
      this.#failed('it has ended');
    });
    questions.on('data', () => {
      questions.pause(); // What else it sends waits, and in the end itself.
      this.#failures = 0;
      const resume = () => setTimeout(() => questions.resume(), TELL_EVERY_MS).unref();
      this.#tell().then((what) => {
        if (channel.destroyed) return;
        const { history } = this.#recorder;
        channel.write(`${JSON.stringify({ ...what, history: history.since(told) } satisfies Told)}\n`, resume);
        told = history.added;
      });
    });
  }

  async #tell(): Promise<Omit<Told, 'history'>> {
    try {
      return { status: await this.#source.status() };
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  #failed(why: string): void {
    this.#kill(); // It may have closed its pipe and live on.
    this.#pid = 0; // Once it is reaped, its number may be that of another child.
    this.#failures++;
    if (this.#failures === 1) this.#options.warn(`the status page's process is started again: ${why}`);
    this.#again = setTimeout(() => this.#start(), backOff(this.#failures)).unref();
  }
}

function checkPath(identity: NonNullable<Privileges['identity']>): void {
  for (const file of [process.execPath, MAIN]) mustBeReadable(file, identity);
}

/** Makes a fork of the monitor the status process. */
function become(
  options: StatusProcessOptions,
  monitor: number,
  fds: Pick<StatusLaunch, 'channelFd' | 'askFd' | 'listenerFd'>,
): never {
  try {
    const { privileges, host, log } = options;
    takePrivileges(privileges);
    setParentDeathSignal('SIGKILL');
    if (getppid() !== monitor) _exit(1); // The monitor died before that.
    setpgid();
    for (const fd of Object.values(fds)) setCloseOnExec(fd, false);
    const launch: StatusLaunch = { ...fds, host, log };
    const { PATH, HOME, USER, LOGNAME, TZ } = process.env;
    const env = { PATH, HOME, USER, LOGNAME, TZ, [STATUS_VARIABLE]: JSON.stringify(launch) };
    execve(process.execPath, [process.argv0, MAIN], env);
  } finally {
    _exit(1); // Whatever is thrown: this process must not go on as a second monitor.
  }
}
