import type { LeaveReason } from '../../channel/messages.js';

/**
 * What a worker does next: it begins to drain, or drains faster for a reason that is new; it sends itself SIGTERM, for
 * the listeners that the app has; it exits.
 */
export type LeaveStep = 'drain' | 'raise' | 'exit';

/**
 * How a worker comes to its end. An app with listeners for SIGTERM gets that signal once and ends itself, as it does
 * under plain node. Otherwise SIGTERM's default action here is to drain and then to exit.
 * `appListens` is always whether the app has listeners for SIGTERM at that moment.
 */
export class Leaving {
  #reason: LeaveReason | undefined;
  /** The app's listeners have got SIGTERM, or are about to. */
  #appTold = false;
  /** The process is the app's to end. */
  #appEnds = false;
  #drained = false;
  /** The end of the service may have been announced by a SIGTERM to this process, too, which is on its way. */
  #echoDue = false;

  /** Undefined while it serves. */
  get reason(): LeaveReason | undefined {
    return this.#reason;
  }

  /** The monitor has told the worker to leave. One that is only replaced first answers what is in flight. */
  ordered(reason: LeaveReason, appListens: boolean): LeaveStep[] {
    const steps = this.#drain(reason);
    if (this.#reason !== 'stopping') return steps;
    const told = this.#tellApp(appListens);
    this.#echoDue = told.length > 0;
    return [...steps, ...told];
  }

  /**
   * A SIGTERM of another process has come: whether it is what the monitor has told already, as when a service manager
   * sends it to all processes of a service. The app must not get it twice.
   */
  isEcho(): boolean {
    const isEcho = this.#echoDue;
    this.#echoDue = false;
    return isEcho;
  }

  /**
   * SIGTERM has come, from any sender, and listeners get it now. When the app has none, it has the default action: a
   * listener that ends by removing itself and sending the signal again relies on that.
   */
  signalled(reason: LeaveReason, appListens: boolean): LeaveStep[] {
    const steps = this.#drain(reason);
    this.#appEnds = appListens;
    this.#appTold ||= appListens;
    return this.#drained && !appListens ? [...steps, 'exit'] : steps;
  }

  /** The last client is gone. */
  drained(appListens: boolean): LeaveStep[] {
    this.#drained = true;
    if (this.#appEnds) return [];
    const steps = this.#tellApp(appListens);
    return steps.length > 0 ? steps : ['exit'];
  }

  /** The app has to get its share of the grace period now, although clients are left. */
  late(appListens: boolean): LeaveStep[] {
    return this.#tellApp(appListens);
  }

  #drain(reason: LeaveReason): LeaveStep[] {
    if (this.#reason === reason || this.#reason === 'stopping') return [];
    this.#reason = reason;
    return ['drain'];
  }

  #tellApp(appListens: boolean): LeaveStep[] {
    if (this.#appTold || !appListens) return [];
    this.#appTold = true;
    this.#appEnds = true;
    return ['raise'];
  }
}
