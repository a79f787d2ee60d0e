import { acceptErrorAction, acceptPause } from '../../net/accept-error.js';
import { _exit, getppid, setParentDeathSignal } from '../../posix/index.js';
import type { Log } from './log.js';
import type { Child } from './parent.js';

/** What a child does, over and over. */
export interface Service<Client> {
  /** Told before each wait for a client. */
  readonly accepting: () => void;
  /** Takes the next client from the listening socket that the parent opened before the fork; blocks. */
  readonly accept: () => Client;
  /** Serves a client to its end and closes its connection. */
  readonly serve: (client: Client) => void;
}

/**
 * The child: accepts and serves one client after the other, blocking, until a signal ends it.
 * @param report takes what goes wrong
 */
export function runChild<Client>(child: Child, service: Service<Client>, report: Log): never {
  try {
    setParentDeathSignal('SIGKILL');
    // The parent may have died before that.
    if (getppid() !== child.parent) return _exit(1);
    return acceptForever(child, service, report);
  } catch (error) {
    report(`Child ${child.pid} fails: ${(error as Error).stack}`);
    return _exit(1);
  }
}

function acceptForever<Client>(child: Child, service: Service<Client>, report: Log): never {
  for (let first = true; ; first = false) {
    service.accepting();
    const client = acceptNext(child, service, report);
    if (first) child.served();
    service.serve(client);
  }
}

function acceptNext<Client>({ pid }: Child, { accept }: Service<Client>, report: Log): Client {
  for (let pauses = 0; ; ) {
    try {
      return accept();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const action = acceptErrorAction(code);
      if (action === 'fail') throw error;
      if (action === 'again') continue;
      pauses++;
      if (pauses === 1) report(`Child ${pid} cannot accept for now: ${message}`);
      sleep(acceptPause(pauses));
    }
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
