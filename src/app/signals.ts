import { getpgid, ignoreSignal, type SignalSender, SignalWatch, setpgid } from '../posix/index.js';

/** What a terminal or a supervisor sends to the whole group is the monitor's to act on, once. */
const FOR_THE_MONITOR = ['SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;
/** Ignored, and not only caught: the kernel raises them again for as long as they are. termios(3). */
const OF_THE_TERMINAL = ['SIGTTIN', 'SIGTTOU'] as const;

/** In the zygote, before the app is loaded: none of them ends or stops it, and the monitor ends it by SIGKILL. */
export function ignoreGroupSignals(): void {
  for (const signal of [...FOR_THE_MONITOR, ...OF_THE_TERMINAL, 'SIGTERM'] as const) {
    if (process.listenerCount(signal) === 0) ignoreSignal(signal); // A module of --require may listen.
  }
}

/** In the zygote, which was started in a group of its own: after that it can be in the monitor's. */
export function joinGroupOf(monitor: number): void {
  setpgid(getpgid(monitor));
}

export interface SignalListeners {
  /** SIGTERM has come. @returns whether the app's listeners get it */
  readonly onTerm: (sender: SignalSender) => boolean;
  /** The worker has sent itself another signal for its default action, which is to end: the app has no listener. */
  readonly onDefault: () => void;
}

/** In a worker: takes signals before the app's listeners get them. */
export function watchSignals({ onTerm, onDefault }: SignalListeners): void {
  new SignalWatch('SIGTERM', onTerm);
  for (const signal of FOR_THE_MONITOR) {
    new SignalWatch(signal, (sender) => {
      if (sender === 'self' && process.listenerCount(signal) === 0) onDefault();
      return true;
    });
  }
}
