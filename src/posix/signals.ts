import { binding } from './binding.js';
import type { RawWatch } from './binding-types.js';
import { signalNumber } from './process.js';
import { closeInChild, forgetWatch } from './watches.js';

const SENDERS = ['self', 'process', 'kernel'] as const;

/** Who sent a signal: this process to itself, another process, or the kernel. si_code in sigaction(2). */
export type SignalSender = (typeof SENDERS)[number];

/**
 * Takes a signal before the listeners of `process` do, which cannot tell that it is there: listenerCount() and the like
 * do not count it, and it comes first, whenever they were added. While there is one, the signal does not have the
 * kernel's default action, also when the last listener has been removed.
 *
 * It does not keep the process alive. In a forked child it is closed, unless fork() keeps handles; a signal that reaches
 * the child before its fork() has returned is lost, so that whoever means to end a child must send it again. SIGTTIN and
 * SIGTTOU of the kernel do not stop the process: its access to the terminal fails with EIO, or is made.
 */
export class SignalWatch {
  readonly #raw: RawWatch;

  /**
   * @param onSignal returns whether the listeners get it; called in this thread's event loop
   * @throws EBUSY when the signal has a watch, EINVAL when it cannot be caught
   */
  constructor(signal: NodeJS.Signals, onSignal: (sender: SignalSender) => boolean) {
    const listener = (sender: number) => onSignal(SENDERS[sender] as SignalSender);
    this.#raw = new (binding().SignalWatch)(signalNumber(signal), listener);
    closeInChild(this);
  }

  close(): void {
    this.#raw.close();
    forgetWatch(this);
  }
}

/**
 * Has this process ignore a signal, until a listener for it is added. What it starts by node:child_process does not.
 * SIG_IGN in sigaction(2). @throws EINVAL for SIGKILL and SIGSTOP
 */
export function ignoreSignal(signal: NodeJS.Signals): void {
  binding().ignoreSignal(signalNumber(signal));
}
