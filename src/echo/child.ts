import { acceptPause, acceptRemedy } from '../policy/accept-error.js';
import { _exit, type Accepted, accept, getppid, setParentDeathSignal } from '../posix/index.js';
import type { Child } from './parent.js';

export interface ChildOptions {
  /** The listening socket that the parent opened before the fork. */
  readonly listener: number;
  /** Told before each wait for a client. */
  readonly accepting: () => void;
  /** Serves a client to its end and closes its connection. */
  readonly serve: (client: Accepted) => void;
  /** Takes one line about what goes wrong. */
  readonly report: (line: string) => void;
}

/** The child: accepts and serves one client after the other, blocking, until a signal ends it. */
export function runChild(child: Child, options: ChildOptions): never {
  try {
    setParentDeathSignal('SIGKILL');
    // The parent may have died before that.
    if (getppid() !== child.parent) return _exit(1);
    return acceptForever(child, options);
  } catch (error) {
    options.report(`Child ${child.pid} fails: ${(error as Error).stack}`);
    return _exit(1);
  }
}

function acceptForever(child: Child, options: ChildOptions): never {
  for (let first = true; ; first = false) {
    options.accepting();
    const client = acceptNext(child, options);
    if (first) child.served();
    options.serve(client);
  }
}

function acceptNext({ pid }: Child, { listener, report }: ChildOptions): Accepted {
  for (let pauses = 0; ; ) {
    try {
      return accept(listener);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const remedy = acceptRemedy(code);
      if (remedy === 'fail') throw error;
      if (remedy === 'again') continue;
      pauses++;
      if (pauses === 1) report(`Child ${pid} cannot accept for now: ${message}`);
      sleep(acceptPause(pauses));
    }
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
