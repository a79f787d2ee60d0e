import { discard } from '../posix/file.js';
import { connect, datagramSocket, setTimeouts, write } from '../posix/index.js';
import { monotonicNow } from '../scoreboard/index.js';
import type { MonitorEvent } from './events.js';
import { Trouble } from './policy/trouble.js';

/** How long the manager may take to make room for a message: this process has others to look after. */
const SEND_TIMEOUT_MS = 100;
/** When the manager is told again what it did not take. */
const RETRY_AFTER_MS = 1000;

/** What a service manager has told this process by its environment: sd_notify(3), sd_watchdog_enabled(3). */
export interface ServiceManager {
  /** Its socket: a path, or a name of the abstract namespace. */
  readonly socket: string;
  /** How often it wants to hear, in milliseconds; 0 for never. */
  readonly watchdog: number;
}

/** Takes it from the environment, so that the app does not see it; undefined where there is none to be told. */
export function takeServiceManager(env: NodeJS.ProcessEnv, pid: number): ServiceManager | undefined {
  const { NOTIFY_SOCKET = '', WATCHDOG_USEC = '0', WATCHDOG_PID = String(pid) } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (!/^[/@]./.test(NOTIFY_SOCKET)) return undefined;
  const isOurs = WATCHDOG_PID === String(pid);
  return { socket: NOTIFY_SOCKET.replace(/^@/, '\0'), watchdog: isOurs ? Number(WATCHDOG_USEC) / 1000 : 0 };
}

/**
 * Tells the manager how it goes. A manager that cannot be told is no reason not to serve: nothing here throws. What it
 * must know, such as that the service is ready, it is told again until it has taken it.
 */
export class Notifier {
  readonly #manager: ServiceManager;
  readonly #warn: (message: string) => void;
  readonly #trouble = new Trouble('cannot tell the service manager how it goes', 'the service manager is told again');
  readonly #beat: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  /** Kept open: the watchdog is to be told also while descriptors are short. */
  #fd: number | undefined;

  /** @param warn takes a line for the log when the manager cannot be told, and when it can be told again */
  constructor(manager: ServiceManager, warn: (message: string) => void) {
    this.#manager = manager;
    this.#warn = warn;
    if (!(manager.watchdog > 0)) return;
    // Twice as often as it must be, as sd_watchdog_enabled(3) has it.
    this.#beat = setInterval(() => this.#send(['WATCHDOG=1']), manager.watchdog / 2).unref();
  }

  tell(event: MonitorEvent): void {
    const lines = message(event, process.hrtime.bigint());
    if (lines.length > 0) this.#insist(lines);
  }

  close(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#again);
    if (this.#fd !== undefined) discard(this.#fd);
    this.#fd = undefined;
  }

  /** Until the manager has taken it, or there is something newer to tell. */
  #insist(lines: readonly string[]): void {
    clearTimeout(this.#again);
    if (this.#send(lines)) return;
    this.#again = setTimeout(() => this.#insist(lines), RETRY_AFTER_MS).unref();
  }

  /** @returns whether it was taken */
  #send(lines: readonly string[]): boolean {
    try {
      const fd = this.#open();
      // Each time: a manager that was started anew has another socket at the same path.
      connect(fd, { family: 'unix', path: this.#manager.socket });
      write(fd, lines.map((line) => line.replaceAll('\n', ' ')).join('\n'));
    } catch (error) {
      this.#tell(this.#trouble.failed((error as Error).message, monotonicNow()));
      return false;
    }
    this.#tell(this.#trouble.over(monotonicNow()));
    return true;
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    const fd = datagramSocket();
    try {
      setTimeouts(fd, { send: SEND_TIMEOUT_MS });
    } catch (error) {
      discard(fd);
      throw error;
    }
    this.#fd = fd;
    return fd;
  }

  #tell(message: string | undefined): void {
    if (message !== undefined) this.#warn(message);
  }
}

/** What the manager is told about an event. @param now nanoseconds of CLOCK_MONOTONIC */
export function message(event: MonitorEvent, now: bigint): string[] {
  switch (event.type) {
    case 'serving':
      return [
        'READY=1',
        `MAINPID=${process.pid}`,
        `STATUS=${event.workers} workers serve on ${event.addresses.join(', ')}`,
      ];
    case 'reload begins':
      return ['RELOADING=1', `MONOTONIC_USEC=${now / 1000n}`, `STATUS=generation ${event.generation} is loaded`];
    case 'reloaded':
      return ['READY=1', `STATUS=generation ${event.generation} serves`];
    case 'reload failed':
      return [
        'READY=1',
        `STATUS=the generation before serves on; generation ${event.generation} failed, ${event.reason}`,
      ];
    case 'stopping':
      return ['STOPPING=1', `STATUS=stopping: ${event.reason}`];
    default:
      return [];
  }
}
