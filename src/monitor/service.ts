import type { AppMessage } from '../channel/framing.js';
import { type Description, monotonicNow, type Scoreboard } from '../scoreboard/index.js';
import type { Settings } from '../settings/index.js';
import type { ServiceHealth } from '../util/crash-history.js';
import { withHint } from '../util/hint.js';
import type { MonitorEvent, ProcessRef } from './events.js';
import type { Origin } from './exec-zygote.js';
import type { Listeners } from './listeners/listeners.js';
import { LineRate, withSuppressed } from './policy/log-lines.js';
import type { Stopping } from './policy/stopping.js';
import { Trouble } from './policy/trouble.js';
import type { UseLimits } from './policy/worker-limits.js';
import { Reloads } from './reload.js';

/** Exit statuses. */
export const BOOT_FAILED = 3;
export const LOAD_FAILED = 4;

export interface MonitorOptions {
  readonly origin: Origin;
  /** Bytes that a worker holds; asked for only when there is a limit. */
  readonly memoryOf: (
    pid: number,
  ) => Readonly<Record<Settings['maxMemoryKind'] | 'private', number> & { inFull?: boolean }>;
  readonly scoreboard: Scoreboard;
  readonly listeners: Listeners;
  readonly report: (event: MonitorEvent) => void;
  /** Hands on what the app has to say to the monitor's parent; undefined where it has none that hears it. */
  readonly forward: ((said: AppMessage) => void) | undefined;
  /** Parts of the description that the monitor does not know. */
  readonly about: Pick<Description, 'version' | 'app' | 'args' | 'cwd' | 'startedAt'>;
}

/** What the parts of the monitor ask of the whole. */
export interface Loop {
  /** Takes an event, and does what is to follow from it. */
  handle(event: () => void): void;
  /** Takes an event, and soon does what is to follow from it and from others. */
  handleSoon(event: () => void): void;
  /** Ends the service, which cannot go on. @param status the exit status */
  giveUp(reason: string, status: number): void;
  /** Ends what belongs to a generation whose reload has failed. */
  endGeneration(generation: number): void;
}

/** What may fail in the monitor for a while, without harm to those who serve. */
function troubles() {
  return {
    fork: new Trouble('cannot fork a worker for now', 'all workers are there again'),
    message: new Trouble('cannot answer a process for now', 'all processes are answered'),
    zygote: new Trouble('cannot start a zygote for now', 'a zygote is started again'),
    signal: new Trouble('cannot signal a process for now', 'all processes are signalled again'),
    reap: new Trouble('cannot reap children for now', 'children are reaped again'),
    memory: new Trouble(
      'cannot see for now what workers hold, so that --max-memory is not kept',
      "workers' memory is seen again",
    ),
    description: new Trouble('cannot describe the service on the scoreboard', 'the scoreboard is current again'),
    listeners: new Trouble('cannot look after the listeners for now', 'the listeners are looked after again'),
  };
}

export type TroubleName = keyof ReturnType<typeof troubles>;

/** What the parts of the monitor share: how the service stands as a whole, and how they tell what happens. */
export class Service {
  readonly reloads: Reloads;
  readonly handle: Loop['handle'];
  readonly handleSoon: Loop['handleSoon'];
  readonly giveUp: Loop['giveUp'];
  /** All workers were there once. */
  hasServed = false;
  stopping: Stopping | undefined;
  /** The listeners refuse new clients. */
  refusing = false;
  readonly #events: MonitorEvent[] = [];
  readonly #troubles = troubles();
  readonly #lines = new LineRate();

  constructor(
    readonly options: MonitorOptions,
    { handle, handleSoon, giveUp, endGeneration }: Loop,
  ) {
    this.handle = handle;
    this.handleSoon = handleSoon;
    this.giveUp = giveUp;
    this.reloads = new Reloads(options.origin.settings, { report: (event) => this.report(event), endGeneration });
  }

  /** The settings in force. */
  get settings(): Settings {
    return this.reloads.settings;
  }

  /** What a worker may use up before it is replaced. */
  get useLimits(): UseLimits {
    const { maxRequests: requests, maxMemory: memory, maxLifetime: lifetime, renewMemory: own } = this.settings;
    return { requests, memory, lifetime, own };
  }

  health(hasReadyWorker: boolean): ServiceHealth {
    return { hasServed: this.hasServed, hasReadyWorker };
  }

  report(event: MonitorEvent): void {
    this.#events.push(event);
  }

  warn(message: string, ref: ProcessRef = {}): void {
    this.report({ type: 'warning', message, ...ref });
  }

  /** A process has something to say, though not as often as it likes. */
  warnOf({ lines, ref }: { readonly lines: LineRate; readonly ref: ProcessRef }, message: string, now: number): void {
    this.#warnAt(lines, message, now, ref);
  }

  /** Something happened to the service that a process can make happen. */
  warnOfService(message: string, now: number): void {
    this.#warnAt(this.#lines, message, now);
  }

  /** Something failed that will be tried again: the first time in a row it is told. */
  failed(name: TroubleName, why: string): void {
    this.#tell(this.#troubles[name].failed(withHint(why), monotonicNow()));
  }

  works(name: TroubleName): void {
    this.#tell(this.#troubles[name].over(monotonicNow()));
  }

  /** Does what may fail. @throws what is no failure of the system, but a mistake in this program */
  attempt(name: TroubleName, work: () => void): void {
    try {
      work();
    } catch (error) {
      // A RangeError: something is larger than the place that there is for it.
      if (!isSystemError(error) && !(error instanceof RangeError)) throw error;
      this.failed(name, error.message);
      return;
    }
    this.works(name);
  }

  /** Brings the scoreboard up to date, and tells what has happened: who hears of it finds it there. */
  publish(description: Pick<Description, 'zygote' | 'counters'>): void {
    this.attempt('description', () => this.options.scoreboard.describe(this.#describe(description)));
    for (const event of this.#events.splice(0)) this.options.report(event);
  }

  /** What the scoreboard says about the whole. */
  #describe({ zygote, counters }: Pick<Description, 'zygote' | 'counters'>): Description {
    const { options, reloads } = this;
    const { version, app, args, cwd, startedAt } = options.about;
    return {
      version,
      pid: process.pid,
      app,
      args,
      cwd,
      startedAt,
      generation: reloads.oldest,
      target: reloads.target,
      stopping: this.stopping !== undefined,
      reload: reloads.result,
      zygote,
      listeners: options.listeners.describe(),
      counters,
    };
  }

  #warnAt(lines: LineRate, message: string, now: number, ref?: ProcessRef): void {
    const suppressed = lines.take(now);
    if (suppressed !== false) this.warn(withSuppressed(message, suppressed), ref);
  }

  #tell(message: string | undefined): void {
    if (message !== undefined) this.warn(message);
  }
}

/** Whether a call of the system failed: the addon's and Node's errors of that kind name it. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
