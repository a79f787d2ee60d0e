import { close } from '../posix/file.js';
import { pidfdOpen, pidfdSendSignal, poll } from '../posix/index.js';
import { type Header, readHeader } from '../scoreboard/index.js';

/**
 * A running server, held from when it was looked up on: a signal goes to that process or to none, also when its id is given
 * to another process meanwhile.
 */
export class HeldServer implements Disposable {
  readonly #pidfd: number;

  /**
   * @param pid its monitor's
   * @throws when there is no such process, it is somebody else's or no monitor of a prefork server
   */
  constructor(readonly pid: number) {
    this.#pidfd = opened(pid);
    try {
      const monitor = readHeader(pid).pid;
      if (monitor !== pid) {
        throw new Error(`process ${pid} is of server ${monitor}, but not its monitor; give ${monitor}`);
      }
    } catch (error) {
      close(this.#pidfd);
      throw error;
    }
  }

  /** What it says of itself now. @throws when it has ended */
  get header(): Header {
    const header = readHeader(this.pid);
    if (this.hasEnded) throw new Error(`no such process: ${this.pid}`);
    return header;
  }

  get hasEnded(): boolean {
    return poll(this.#pidfd, 'read', 0);
  }

  /** @throws ESRCH when it has ended, EPERM */
  signal(signal: NodeJS.Signals): void {
    pidfdSendSignal(this.#pidfd, signal);
  }

  [Symbol.dispose](): void {
    close(this.#pidfd);
  }
}

function opened(pid: number): number {
  try {
    return pidfdOpen(pid);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'EINVAL') throw new Error(`no such process: ${pid}`, { cause });
    if (code !== 'ENOSYS') throw cause;
    throw new Error(`${message}: this needs Linux 5.3; use kill(1) instead`, { cause });
  }
}
