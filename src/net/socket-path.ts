import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isStale } from './unix-socket.js';

const { O_NOFOLLOW } = constants;
/** open(2); Node has no name for it. */
const O_PATH = 0o10000000;
/** What the names of spare links begin with; the rest is a process id and the socket's own name. */
const SPARE = '.prefork-';

/**
 * The path of a listening socket of this process. Apps take such a path away before they listen, for what their last run
 * may have left: the socket lives on without a name. So it has a spare one, a hidden hard link in the same folder, by
 * which the path can lead to the same socket again: link(2).
 */
export class SocketPath {
  readonly #path: string;
  readonly #spare: string | undefined;
  readonly #socket: Stats;

  /** @param path of a socket that was bound to it just now @param keepSpare whether it has a spare name */
  constructor(path: string, keepSpare: boolean) {
    this.#path = path;
    this.#socket = lstatSync(path);
    if (!keepSpare) return;
    removeStaleSpares(path);
    this.#spare = join(dirname(path), `${SPARE}${process.pid}-${basename(path)}`);
    this.#link(path, this.#spare);
  }

  /**
   * Makes the path lead to the socket, also in place of another socket there on which no process listens.
   * @returns whether it does now
   */
  restore(): boolean {
    const found = look(this.#path);
    if (found === undefined || !this.#is(found)) {
      if (found !== undefined && isStale(this.#path)) unlinkSync(this.#path);
      if (this.#spare === undefined || !this.#link(this.#spare, this.#path)) return false;
    }
    if (this.#spare !== undefined) this.#link(this.#path, this.#spare);
    return true;
  }

  /** The same, but only where the path leads nowhere; to be called now and then. */
  restoreIfGone(): void {
    if (this.#spare !== undefined && look(this.#path) === undefined) this.#link(this.#spare, this.#path);
  }

  /** Does nothing where the path leads to something else by now: chmod(2) would follow a link that was put there. */
  setMode(mode: number): void {
    const fd = openSync(this.#path, O_PATH | O_NOFOLLOW);
    try {
      if (this.#is(fstatSync(fd))) chmodSync(`/proc/self/fd/${fd}`, mode);
    } finally {
      closeSync(fd);
    }
  }

  /** Takes away both names, unless another process has put something in their place. */
  remove(): void {
    for (const name of [this.#path, this.#spare]) {
      const found = name === undefined ? undefined : look(name);
      if (name !== undefined && found !== undefined && this.#is(found)) unlink(name);
    }
  }

  #is({ ino, dev }: Stats): boolean {
    return ino === this.#socket.ino && dev === this.#socket.dev;
  }

  /** @returns whether the new name leads to the socket; it does not where the old one is gone, or the new one taken */
  #link(from: string, to: string): boolean {
    try {
      linkSync(from, to);
    } catch {
      // What is there tells.
    }
    const found = look(to);
    return found !== undefined && this.#is(found);
  }
}

/** What a process left that was killed. Names of sockets that live are another service's on the same path. */
function removeStaleSpares(path: string): void {
  const folder = dirname(path);
  for (const name of namesIn(folder)) {
    const isSpare = name.startsWith(SPARE) && name.slice(SPARE.length).replace(/^\d+-/, '') === basename(path);
    if (isSpare && isStale(join(folder, name))) unlink(join(folder, name));
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // It may be written, but not listed.
  }
}

function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The folder is not this user's to change any more, or another process was quicker.
  }
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined; // Nothing, or a folder that is gone.
  }
}
