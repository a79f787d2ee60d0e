import { close, connect, datagramSocket, setTimeouts, write } from '../posix/index.js';
import type { MonitorEvent } from './events.js';

/** How long the manager may take to make room for a message, in milliseconds: this process has others to look after. */
const PATIENCE = 100;

/** What a service manager has told this process by its environment: sd_notify(3), sd_watchdog_enabled(3). */
export interface Manager {
  /** Its socket: a path, or a name of the abstract namespace. */
  readonly socket: string;
  /** How often it wants to hear, in milliseconds; 0 for never. */
  readonly watchdog: number;
}

/** Takes it from the environment, so that the app does not see it; undefined when nobody wants to be told. */
export function takeManager(env: NodeJS.ProcessEnv, pid: number): Manager | undefined {
  const { NOTIFY_SOCKET = '', WATCHDOG_USEC = '0', WATCHDOG_PID = String(pid) } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (!/^[/@]./.test(NOTIFY_SOCKET)) return undefined;
  const isOurs = WATCHDOG_PID === String(pid);
  return { socket: NOTIFY_SOCKET.replace(/^@/, '\0'), watchdog: isOurs ? Number(WATCHDOG_USEC) / 1000 : 0 };
}

/** Tells the manager how it goes. */
export class Notifier {
  readonly #manager: Manager;
  readonly #beat: NodeJS.Timeout | undefined;

  constructor(manager: Manager) {
    this.#manager = manager;
    if (!(manager.watchdog > 0)) return;
    // Twice as often as it must be, as sd_watchdog_enabled(3) has it.
    this.#beat = setInterval(() => this.#send(['WATCHDOG=1']), manager.watchdog / 2).unref();
  }

  tell(event: MonitorEvent): void {
    const lines = message(event, process.hrtime.bigint());
    if (lines.length > 0) this.#send(lines);
  }

  close(): void {
    clearInterval(this.#beat);
  }

  #send(lines: readonly string[]): void {
    const fd = datagramSocket();
    try {
      setTimeouts(fd, { send: PATIENCE });
      connect(fd, { family: 'unix', path: this.#manager.socket });
      write(fd, lines.map((line) => line.replaceAll('\n', ' ')).join('\n'));
    } catch (error) {
      // A manager that does not listen is none: the service goes on.
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    } finally {
      close(fd);
    }
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
      return ['READY=1', `STATUS=generation ${event.generation} failed, ${event.reason}`];
    case 'stopping':
      return ['STOPPING=1', `STATUS=stopping: ${event.reason}`];
    default:
      return [];
  }
}
