import type { AppMessage } from '../channel/framing.js';
import { type Description, monotonicNow, type Scoreboard } from '../scoreboard/index.js';
import type { Settings } from '../settings/index.js';
import { CrashHistory } from '../util/crash-history.js';
import type { MonitorEvent, Who } from './events.js';
import type { Origin } from './exec-zygote.js';
import type { Listeners } from './listeners.js';
import { CrashRate } from './policy/crash-rate.js';
import { Holds } from './policy/holds.js';
import { LineRate, withSuppressed } from './policy/line-rate.js';
import { LoadFailures } from './policy/load-failures.js';
import { Reloads } from './policy/reloads.js';
import { Renewals } from './policy/renewals.js';
import { SettingsInForce } from './policy/settings-in-force.js';
import { withRemedy } from './policy/shortage.js';
import type { Stopping } from './policy/stopping.js';
import type { Facts, Limits } from './policy/supervision.js';
import { Trouble } from './policy/trouble.js';
import { Turns } from './policy/turns.js';
import type { UseLimits } from './policy/worker-limits.js';
import type { Worker, Zygote } from './processes.js';
import { Reaper } from './reaper.js';
import type { Workers } from './workers.js';
import type { Zygotes } from './zygotes.js';

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
    listeners: new Trouble('cannot close listeners', 'listeners are closed again'),
  };
}

export type TroubleName = keyof ReturnType<typeof troubles>;

/** What the monitor knows of its service. What changes it is in files of its own: a worker's life, a zygote's, … */
export class State {
  readonly reaper = new Reaper();
  readonly slots = new CrashHistory();
  readonly crashes = new CrashRate();
  readonly loads = new LoadFailures();
  readonly reloads = new Reloads();
  readonly inForce: SettingsInForce<Settings>;
  readonly renewals = new Renewals();
  readonly holds: Holds;
  readonly turns = new Turns<Worker>();
  readonly counters = { forked: 0, died: 0, killed: 0, reloads: 0 };
  /** How many workers there are to be. */
  target: number;
  /** All workers were there once. */
  hasServed = false;
  stopping: Stopping | undefined;
  /** The listeners refuse new clients. */
  refusing = false;
  /** That signals do not reach every worker has been said. */
  warnedOfSignals = false;
  /** That memory is seen in full only has been said. */
  warnedOfMemory = false;
  /** Heartbeats before that say nothing: the machine may have stood still. */
  heartbeatsFrom = 0;
  readonly #news: MonitorEvent[] = [];
  readonly #troubles = troubles();
  readonly #lines = new LineRate();

  constructor(
    readonly options: MonitorOptions,
    readonly workers: Workers,
    readonly zygotes: Zygotes,
  ) {
    this.inForce = new SettingsInForce(options.origin.settings);
    this.holds = new Holds(this.settings.holdConnects);
    this.target = this.settings.workers;
  }

  get settings(): Settings {
    return this.inForce.current;
  }

  report(event: MonitorEvent): void {
    this.#news.push(event);
  }

  /** A process has something to say, though not as often as it likes. */
  warnOf(process: Worker | Zygote, message: string, now: number): void {
    this.#warnAt(process.lines, message, now, process.who);
  }

  /** Something happened to the service that a process can make happen. */
  warnOfService(message: string, now: number): void {
    this.#warnAt(this.#lines, message, now);
  }

  /** At the end of the service: what is still there is left behind. */
  leaveBehind(): void {
    const { workers, zygotes } = this;
    for (const { who } of [...workers, ...zygotes]) {
      this.report({ type: 'warning', message: 'SIGKILL has not ended it: it is left behind', ...who });
    }
    for (const worker of workers) workers.forget(worker);
    for (const zygote of zygotes) zygotes.forget(zygote);
  }

  /** Something failed that will be tried again: the first time in a row it is told. */
  failed(name: TroubleName, why: string): void {
    this.#warn(this.#troubles[name].failed(withRemedy(why), monotonicNow()));
  }

  works(name: TroubleName): void {
    this.#warn(this.#troubles[name].over(monotonicNow()));
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
  publish(): void {
    this.attempt('description', () => this.options.scoreboard.describe(this.#description()));
    for (const event of this.#news.splice(0)) this.options.report(event);
  }

  /** What a worker may use up before it is replaced. */
  get use(): UseLimits {
    const { maxRequests: requests, maxMemory: memory, maxLifetime: lifetime, renewMemory: own } = this.settings;
    return { requests, memory, lifetime, own };
  }

  /** What the policy decides by. */
  facts(): Facts {
    const { target, options, workers, zygotes, slots, crashes, loads, reloads, renewals, stopping, refusing } = this;
    return {
      target,
      limits: this.#limits(),
      workers: workers.facts(this.heartbeatsFrom),
      zygotes: [...zygotes],
      records: options.scoreboard.size,
      forkNotBefore: slots.notBefore,
      crashNotBefore: crashes.notBefore(this.settings.maxCrashes),
      renewNotBefore: renewals.notBefore,
      loadNotBefore: loads.notBefore,
      oldest: reloads.oldest,
      reload: reloads.running,
      taking: reloads.taking,
      stopping,
      refusing,
    };
  }

  /** A zygote that loads has the time of its own settings: these are in force only once it has loaded the app. */
  #limits(): Limits {
    const loading = [...this.zygotes].filter(({ phase }) => phase === 'loading');
    const times = loading.map(({ settings }) => (settings ?? this.settings).spawnTimeout);
    return times.length === 0 ? this.settings : { ...this.settings, spawnTimeout: Math.max(...times) };
  }

  #warnAt(lines: LineRate, message: string, now: number, who: Partial<Who> = {}): void {
    const suppressed = lines.take(now);
    if (suppressed !== false) this.report({ type: 'warning', message: withSuppressed(message, suppressed), ...who });
  }

  #warn(message: string | undefined): void {
    if (message !== undefined) this.report({ type: 'warning', message });
  }

  /** What the scoreboard says about the whole. */
  #description(): Description {
    const { options, zygotes, reloads } = this;
    const zygote = zygotes.newestLoaded;
    return {
      ...options.about,
      pid: process.pid,
      generation: reloads.oldest,
      target: this.target,
      stopping: this.stopping !== undefined,
      reload: reloads.result,
      zygote: zygote ? { pid: zygote.pid ?? 0, generation: zygote.generation } : null,
      listeners: options.listeners.describe(),
      counters: { ...this.counters },
    };
  }
}

/** Whether a call of the system failed: the addon's and Node's errors of that kind name it. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
