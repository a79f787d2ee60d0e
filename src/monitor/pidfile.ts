import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { tryLock } from '../posix/file.js';
import { readCommand } from '../proc/process.js';
import { identityOf } from '../scoreboard/identity.js';
import { isMonitor } from '../scoreboard/index.js';
import { attempt } from '../util/attempt.js';
import { readSmallFile } from '../util/small-file.js';

const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
/** How much of a pidfile is read, in bytes. */
const MAX_PIDFILE_BYTES = 64;

/** Claims the file of --pidfile, if there is to be one; it is taken away when this process exits. */
export function claimPidfile(path: string | undefined): Pidfile | undefined {
  if (path === undefined) return undefined;
  const pidfile = new Pidfile(path);
  process.once('exit', () => pidfile.remove());
  return pidfile;
}

/**
 * The file of --pidfile. The claim to it is a file beside it, which this process keeps locked (flock(2)) to its end: it
 * tells at once of a path that cannot be had, and of two starts at the same time one wins. It takes the pidfile's place
 * when the service serves, so that a start that fails leaves the pidfile of another server as it was.
 */
export class Pidfile {
  readonly #path: string;
  readonly #claim: string;
  readonly #fd: number;

  /**
   * @throws Error in one line, when it cannot be written there or belongs to a server that runs. That of a dead process or
   * of another program is replaced
   */
  constructor(path: string) {
    this.#path = resolve(path);
    this.#claim = `${this.#path}.starting`;
    this.#fd = lockedFile(this.#claim, path);
    try {
      refuseOther(this.#path);
      ftruncateSync(this.#fd);
      writeSync(this.#fd, `${process.pid}\n`);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Makes the claim the pidfile. @returns why that is not possible: the service serves all the same */
  publish(): string | undefined {
    try {
      if (!isSame(this.#fd, this.#claim)) throw new Error(`${this.#claim} was taken away`);
      renameSync(this.#claim, this.#path);
    } catch (error) {
      return `there is no pidfile: ${(error as Error).message}`;
    }
    return undefined;
  }

  /** Takes away what is this process's own: the claim or the pidfile, not what another one has put there. */
  remove(): void {
    for (const path of [this.#claim, this.#path]) if (isSame(this.#fd, path)) attempt(() => unlinkSync(path));
  }
}

/** Creates the file, or takes over that of a process that has ended. @param pidfile what it is for, in errors */
function lockedFile(path: string, pidfile: string): number {
  for (;;) {
    const fd = opened(path, pidfile);
    if (!tryLock(fd)) {
      const pid = pidIn(path);
      closeSync(fd);
      throw new Error(
        `another server is being started with the pidfile ${pidfile}${pid ? `, by process ${pid}` : ''}; choose another --pidfile for a second one`,
      );
    }
    // The process that had the lock before may have taken the file away, or made it the pidfile.
    if (isSame(fd, path)) return fd;
    closeSync(fd);
  }
}

function opened(path: string, pidfile: string): number {
  try {
    // In a folder of another user's it may be a FIFO, for whose reader open(2) would wait.
    const fd = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw new Error(`${path} is no file`);
  } catch (cause) {
    throw new Error(`cannot write the pidfile ${pidfile}: ${(cause as Error).message}`, { cause });
  }
}

/** @throws when what is at the path must not be replaced */
function refuseOther(path: string): void {
  const stats = attempt(() => statSync(path));
  if (stats !== undefined && !stats.isFile())
    throw new Error(`the pidfile ${path} is no file; choose another --pidfile`);
  const pid = pidIn(path);
  if (pid === undefined || pid === process.pid) return;
  // Another user's process that has this id by now may look like a server.
  if (attempt(() => identityOf(pid).uid) !== stats?.uid || !isServer(pid)) return;
  throw new Error(
    `the pidfile ${path} is that of server ${pid}, which runs; stop it first ('prefork stop ${pid}'), or choose another --pidfile`,
  );
}

/** Where another user's scoreboard may not be read, its title tells. */
function isServer(pid: number): boolean {
  return isMonitor(pid) || readCommand(pid).startsWith('prefork: monitor ');
}

function pidIn(path: string): number | undefined {
  const [pid] = attempt(() => readSmallFile(path, MAX_PIDFILE_BYTES).text)?.match(/^[1-9]\d{0,9}(?=\n?$)/) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** Whether the path leads to the open file itself; a symbolic link does not. */
function isSame(fd: number, path: string): boolean {
  const [own, there]: (Stats | undefined)[] = [fstatSync(fd), attempt(() => lstatSync(path))];
  return own !== undefined && there !== undefined && own.ino === there.ino && own.dev === there.dev;
}
