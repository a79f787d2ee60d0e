import { openSync } from 'node:fs';
import { closeUnread } from '../posix/close-unread.js';
import { discard } from '../posix/file.js';
import { acceptFd, close, getPeerCredentials, listen, ReadableWatch, sendMessage } from '../posix/index.js';
import { TokenBucket } from '../util/token-bucket.js';
import { boardSocketPrefix } from './board-socket.js';
import { monotonicNow } from './record.js';

/** How many ask at once, and each second in the long run: any process of the machine may connect. */
const RATE = { burst: 20, perSecond: 50 };
const BACKLOG = 64;

/**
 * Gives the scoreboard, for reading, to processes of root and of this process's user that ask for it on a unix socket:
 * where this process is not dumpable, these cannot find it in /proc. The kernel says who asks. unix(7), proc_pid_fd(5).
 */
export class BoardHandOut {
  readonly #board: number;
  readonly #listener: number;
  readonly #rate = new TokenBucket(RATE);
  #watch: ReadableWatch;
  #pause: NodeJS.Timeout | undefined;

  /** @param board the scoreboard's descriptor @throws EMFILE, … */
  constructor(board: number) {
    // Others may bind names as well: one that they could foresee might be taken. A client checks whose the socket is.
    const { randomBytes } = process.getBuiltinModule('node:crypto'); // Here, as most monitors need none of it.
    const path = `${boardSocketPrefix(process.pid)}${randomBytes(8).toString('hex')}`;
    this.#board = openSync(`/proc/self/fd/${board}`, 'r');
    const opened = [this.#board];
    try {
      this.#listener = listen({ path, backlog: BACKLOG }).fd;
      opened.push(this.#listener);
      this.#watch = this.#open();
    } catch (error) {
      for (const fd of opened) discard(fd);
      throw error;
    }
  }

  close(): void {
    clearTimeout(this.#pause);
    this.#watch.close();
    for (const fd of [this.#listener, this.#board]) close(fd);
  }

  #open(): ReadableWatch {
    return new ReadableWatch(this.#listener, () => this.#answer());
  }

  #answer(): void {
    try {
      const client = acceptFd(this.#listener);
      try {
        if (mayRead(getPeerCredentials(client).uid)) sendMessage(client, 'b', [this.#board]);
      } finally {
        closeUnread(client);
      }
    } catch {
      // It is gone again, or there is no descriptor for it just now: it asks once more.
    }
    const after = this.#rate.spend(1, monotonicNow());
    if (after === 0) return;
    this.#watch.close();
    this.#pause = setTimeout(() => {
      this.#watch = this.#open();
    }, after).unref();
  }
}

function mayRead(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.();
}
