import { binding } from './binding.js';
import type { RawWatch } from './binding-types.js';
import { closeInChild, forgetWatch } from './watches.js';

/**
 * Tells, in this thread's event loop, in each turn in which a descriptor can be read from, at its end of file as well.
 * It does not keep the process alive. The descriptor becomes O_NONBLOCK for all that share its open file description.
 * In a forked child it is closed, unless fork() keeps handles. epoll(7).
 */
export class ReadableWatch {
  readonly #raw: RawWatch;

  /**
   * @param fd to be closed after the watch
   * @param onReadable takes 0, or once, before the watch stops, a negative errno
   * @throws EBADF, EPERM for what cannot be watched, EEXIST for what the event loop watches already
   */
  constructor(fd: number, onReadable: (status: number) => void) {
    this.#raw = new (binding().ReadableWatch)(fd, onReadable);
    closeInChild(this);
  }

  close(): void {
    this.#raw.close();
    forgetWatch(this);
  }
}
