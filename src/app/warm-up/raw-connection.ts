import { EventEmitter } from 'node:events';
import { close, ReadableWatch, read, write } from '../../posix/index.js';

/** A connection's end without Node's streams, which are to know the server's ends only. */
export class RawConnection extends EventEmitter<{ data: [Buffer]; end: []; error: [Error]; close: [] }> {
  readonly #fd: number;
  readonly #watch: ReadableWatch;
  #left: Buffer[] = [];
  #closed = false;

  /** @param fd of a connected socket, which is this one's to close @throws ENOSPC, …; then it is closed */
  constructor(fd: number) {
    super();
    this.#fd = fd;
    try {
      this.#watch = new ReadableWatch(fd, () => this.#read());
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  write(data: Buffer): void {
    this.#left.push(data);
    if (this.#left.length === 1) this.#flush();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    close(this.#fd);
    this.emit('close');
  }

  #read(): void {
    if (this.#closed) return;
    this.#attempt(() => {
      const data = read(this.#fd);
      if (data.length > 0) this.emit('data', data);
      else this.emit('end');
    });
  }

  /** What the other end has no room for is tried again in the next turn. */
  #flush(): void {
    const [first] = this.#left;
    if (first === undefined || this.#closed) return;
    const done = this.#attempt(() => {
      const rest = first.subarray(write(this.#fd, first));
      this.#left = [...(rest.length > 0 ? [rest] : []), ...this.#left.slice(1)];
    });
    if (done) this.#flush();
    else setImmediate(() => this.#flush());
  }

  /** @returns whether it could be done now; other errors end the connection */
  #attempt(call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      this.emit('error', error as Error);
      this.destroy();
      return true;
    }
  }
}
