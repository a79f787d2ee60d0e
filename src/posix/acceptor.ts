import { constants } from 'node:os';
import { binding } from './binding.js';
import type { RawAcceptor } from './binding-types.js';
import { closeInChild, forgetWatch } from './watches.js';

const { EAGAIN, ECONNABORTED } = constants.errno;

/**
 * Accepts from a listening socket that other processes accept from, too, in this thread's event loop. Each connection
 * wakes one of them, in turn: EPOLLEXCLUSIVE in epoll_ctl(2), and after each connection the last place in the
 * listener's wait queue. A process that is busy is passed over.
 *
 * The listener becomes O_NONBLOCK for all that share its open file description. A started acceptor keeps the process
 * alive. In a forked child it is closed, unless fork() keeps handles.
 */
export class Acceptor {
  readonly #raw: RawAcceptor;
  readonly #onResult: (result: number) => void;

  /**
   * @param listenerFd a listening socket; the acceptor has its own descriptor of it
   * @param onResult takes each connection's descriptor, O_NONBLOCK and close-on-exec, or what accept4(2) failed with as
   * a negative errno: -ECONNABORTED, -EMFILE, … The latter comes again in each turn of the loop until stop().
   * @throws EBADF, EPERM for what cannot be watched
   */
  constructor(listenerFd: number, onResult: (result: number) => void) {
    this.#raw = new (binding().Acceptor)(listenerFd, onResult);
    this.#onResult = onResult;
  }

  /** Accepts, from the last place of the queue on. @throws EBADF when it is closed */
  start(): void {
    this.#raw.start();
    closeInChild(this);
  }

  /** Accepts no more, until start(). Like close(), also from within `onResult`. */
  stop(): void {
    this.#raw.stop();
    forgetWatch(this);
  }

  /** Stops for good. */
  close(): void {
    this.#raw.close();
    forgetWatch(this);
  }

  ref(): void {
    this.#raw.keepAlive(true);
  }

  unref(): void {
    this.#raw.keepAlive(false);
  }

  /** Takes all that waits right now, one call of `onResult` each, started or not, and ends at an error. */
  drain(): void {
    for (;;) {
      const result = this.#raw.accept();
      if (result === -EAGAIN) return;
      this.#onResult(result);
      if (result < 0 && result !== -ECONNABORTED) return;
    }
  }

  /**
   * Looks at the queue again, when started, from its last place: connections whose wake-up went to a process that then
   * did not accept are served in time when all do so now and then.
   */
  rearm(): void {
    this.#raw.rearm();
  }

  /** How many connections it took. */
  get accepted(): number {
    return this.#raw.accepted();
  }

  /** How often it was woken for a connection that another process then took. */
  get idleWakeups(): number {
    return this.#raw.idleWakeups();
  }
}
