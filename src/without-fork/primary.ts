import cluster, { type Worker } from 'node:cluster';
import { nodeAddressText } from '../net/address.js';
import { logicalPath, type Settings } from '../settings/index.js';
import { CrashHistory } from '../util/crash-history.js';
import { packageFile } from '../util/package-files.js';
import type { Report } from './log.js';
import { emptySlots, type ManagedProcess, superseded } from './processes.js';
import { isMaxRequestsReached, type LeaveOrder, type Task, taskVariables } from './task.js';

const WORKER = packageFile('dist/without-fork/worker.js');
/** How long a quick end may take, and how much longer than its grace a worker may, in milliseconds. */
const KILL_TIMEOUT_MS = 1000;
/** How long, in milliseconds, a worker at its limit waits at least for the next successor where one did not start. */
const RENEW_AGAIN_MS = 1000;
/**
 * How many workers signals can ask for, unless the settings say more. Without the addon nobody can tell an order from the
 * SIGTTIN that the kernel sends to a background job that reads its terminal, which each further worker may do as well.
 */
const MOST_BY_SIGNALS = 32;

interface ForkedProcess extends ManagedProcess {
  state: ManagedProcess['state'];
  readonly worker: Worker;
  readonly pid: number;
  readyAt: number | undefined;
  /** Resolves with what stood in the way, or undefined once it listens. */
  readonly ready: Promise<string | undefined>;
}

export interface PrimaryOptions {
  readonly settings: Settings;
  readonly folder: string;
  readonly readSettings: () => Settings;
  readonly report: Report;
  /** Called once, when all workers listen, before the log says so. */
  readonly serving: () => void;
}

/** The primary of node:cluster, in the monitor's place: it keeps so many workers alive, and replaces them. */
export class Primary {
  readonly #options: PrimaryOptions;
  #settings: Settings;
  /** How many workers there are to be: as the settings say, or as it was scaled since. */
  #target: number;
  #generation = 1;
  #last = 1;
  #children: ForkedProcess[] = [];
  readonly #addresses = new Set<string>();
  /** All slots count as one, the first: one timer fills them all. */
  readonly #deaths = new CrashHistory();
  #retry: NodeJS.Timeout | undefined;
  #isServing = false;
  #status: number | undefined;
  #started = () => {};
  #reloads = new Promise<unknown>((resolve) => {
    this.#started = () => resolve(undefined);
  });
  #end = (_: number) => {};

  constructor(options: PrimaryOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#target = options.settings.workers;
    const { folder, settings } = options;
    cluster.setupPrimary({ exec: WORKER, args: [...settings.args], cwd: folder });
  }

  /** @returns the exit status */
  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.#end = resolve;
    });
    const first = this.#fill();
    const [reason] = (await Promise.all(first.map(({ ready }) => ready))).filter((one) => one !== undefined);
    if (this.#status === undefined && reason !== undefined) this.stop(`the app does not start: ${reason}`, 1);
    if (this.#status === undefined) {
      this.#isServing = true;
      this.#options.serving();
      const where = [...this.#addresses].join(', ');
      this.#options.report('serving', `serving on ${where} with ${workersText(first.length)}`);
      this.#reconcile();
    }
    this.#started();
    const status = await ended;
    this.#options.report('stopped', `stopped with exit status ${status}`);
    return status;
  }

  stop(reason: string, status: number, quick = false): void {
    if (this.#status === undefined) this.#options.report('stopping', `stopping: ${reason}`);
    this.#status ??= status;
    clearTimeout(this.#retry);
    const timeoutMs = quick ? KILL_TIMEOUT_MS : this.#settings.grace + KILL_TIMEOUT_MS;
    for (const child of this.#children) this.#leave(child, { stopping: true, quick }, timeoutMs);
    if (this.#children.length === 0) this.#end(this.#status);
  }

  /** Has so many workers more, or fewer; one always stays. */
  scale(by: number): void {
    const most = Math.max(MOST_BY_SIGNALS, this.#settings.workers);
    const target = Math.min(Math.max(this.#target + by, 1), most);
    if (target === this.#target || this.#status !== undefined) return;
    this.#aimAt(target);
    if (this.#isServing) this.#reconcile();
  }

  /** One after the other, once it serves. @returns undefined when the service ends before */
  reload(): Promise<{ readonly reason: string | undefined; readonly generation: number } | undefined> {
    const done = this.#reloads.then(async () => {
      if (this.#status !== undefined) return undefined;
      const { report } = this.#options;
      const generation = ++this.#last;
      report('reload begins', `reload: generation ${generation} is loaded beside the present one`);
      const reason = await this.#reload(generation).catch((error: Error) => error.message);
      if (this.#status !== undefined) return undefined;
      const failed = `reload: generation ${generation} failed, ${reason}; the present one serves on`;
      if (reason === undefined) report('reloaded', `reload: generation ${generation} serves`);
      else report('reload failed', failed);
      return { reason, generation: this.#generation };
    });
    this.#reloads = done;
    return done;
  }

  async #reload(generation: number): Promise<string | undefined> {
    const settings = this.#options.readSettings();
    // The service may be scaled meanwhile: a worker too many leaves, and one too few follows.
    const workers = this.#targetBy(settings);
    const fresh = emptySlots([], workers, generation).map((slot) => this.#fork(slot, generation, settings));
    const [reason] = (await Promise.all(fresh.map(({ ready }) => ready))).filter((one) => one !== undefined);
    if (this.#status !== undefined) return undefined;
    if (reason !== undefined) {
      for (const child of fresh) {
        child.state = 'leaving';
        kill(child, 'SIGKILL');
      }
      return reason;
    }
    const target = this.#targetBy(settings);
    const isKept = target !== settings.workers && settings.workers !== this.#settings.workers;
    this.#settings = settings;
    this.#generation = generation;
    if (target !== this.#target) this.#aimAt(target);
    if (isKept) {
      const message = `target stays ${workersText(target)}, as the service was scaled; the settings now say ${settings.workers}`;
      this.#options.report('warning', message);
    }
    this.#reconcile();
  }

  /** How many workers it is to have once these settings are in force: theirs, unless it was scaled. */
  #targetBy({ workers }: Settings): number {
    return this.#target === this.#settings.workers ? workers : this.#target;
  }

  #aimAt(target: number): void {
    this.#target = target;
    this.#options.report('scaled', `target is ${workersText(target)}`);
  }

  /** Has the workers that there are to be, and no others but those that a reload is about to put in their place. */
  #reconcile(): void {
    this.#fill();
    for (const child of superseded(this.#children, this.#target, this.#generation)) {
      if (child.generation > this.#generation) continue;
      this.#retire(child, child.generation < this.#generation ? 'it is replaced' : 'the target was lowered');
    }
  }

  #fill(): ForkedProcess[] {
    if (this.#status !== undefined) return [];
    const slots = emptySlots(this.#children, this.#target, this.#generation);
    return slots.map((slot) => this.#fork(slot, this.#generation, this.#settings));
  }

  #fork(slot: number, generation: number, settings: Settings): ForkedProcess {
    const worker = cluster.fork({
      ...taskVariables(this.#taskFor(slot, generation, settings)),
      PWD: this.#options.folder,
    });
    const ready = new Promise<string | undefined>((resolve) => {
      const timeout = settings.spawnTimeout + settings.bootTimeout;
      const timer = setTimeout(() => {
        resolve(`a worker does not listen within ${timeout / 1000} s`);
        kill(child, 'SIGKILL');
      }, timeout);
      worker.on('listening', (address) => {
        clearTimeout(timer);
        this.#addresses.add(nodeAddressText(address));
        if (child.state === 'booting') {
          child.state = 'ready';
          child.readyAt = performance.now();
          this.#options.report('worker ready', 'ready', child);
        }
        resolve(undefined);
      });
      worker.once('exit', (code, signal) => {
        clearTimeout(timer);
        const how = signal ?? `exit status ${code}`;
        resolve(`a worker ended before it listened (${how})`);
        this.#died(child, how);
      });
    });
    const child: ForkedProcess = {
      slot,
      generation,
      worker,
      pid: worker.process.pid ?? 0,
      state: 'booting',
      readyAt: undefined,
      ready,
    };
    worker.on('error', (error) => this.#options.report('warning', error.message, child));
    worker.on('message', (message) => {
      if (isMaxRequestsReached(message)) void this.#renew(child);
    });
    // Prefork or the app has disconnected it: from here on it takes no client.
    worker.once('disconnect', () => {
      if (child.state === 'ready' && !worker.isDead() && worker.exitedAfterDisconnect) {
        child.state = 'leaving';
        this.#fill();
      }
    });
    this.#children.push(child);
    return child;
  }

  /** Its successor serves first; one that does not start is followed by another one. */
  async #renew(child: ForkedProcess): Promise<void> {
    if (this.#status !== undefined || child.state !== 'ready' || child.generation !== this.#generation) return;
    const successor = this.#fork(child.slot, child.generation, this.#settings);
    const failure = await successor.ready;
    if (failure !== undefined) {
      const delay = (this.#deaths.notBefore[0] ?? 0) - performance.now();
      setTimeout(() => this.#renew(child), Math.max(delay, RENEW_AGAIN_MS)).unref();
    } else if (child.state === 'ready') this.#retire(child, 'it is replaced');
  }

  #retire(child: ForkedProcess, reason: string): void {
    this.#options.report('worker leaves', `stopping: ${reason}`, child);
    this.#leave(child, { stopping: false, quick: false }, this.#settings.grace + KILL_TIMEOUT_MS);
  }

  #leave(child: ForkedProcess, order: Omit<LeaveOrder, 'prefork primary'>, timeoutMs: number): void {
    const late = setTimeout(() => kill(child, 'SIGKILL'), timeoutMs);
    child.worker.once('exit', () => clearTimeout(late));
    // One that has not come so far has no clients.
    if (child.state === 'booting') kill(child, 'SIGKILL');
    else if (child.worker.isConnected()) child.worker.send({ 'prefork primary': 'leave', ...order }, () => {});
    else if (this.#status !== undefined) kill(child, 'SIGTERM');
    child.state = 'leaving';
  }

  #died(child: ForkedProcess, how: string): void {
    this.#children = this.#children.filter((other) => other !== child);
    const expected = child.state === 'leaving';
    this.#options.report('worker died', expected ? `exited (${how})` : `died (${how})`, child);
    if (this.#status !== undefined) {
      if (this.#children.length === 0) this.#end(this.#status);
      return;
    }
    if (expected || !this.#isServing || child.generation !== this.#generation) return;
    const now = performance.now();
    this.#deaths.died(0, { uptimeMs: now - (child.readyAt ?? now), served: false }, now);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#fill(), (this.#deaths.notBefore[0] ?? now) - now);
  }

  #taskFor(slot: number, generation: number, settings: Settings): Task {
    const { backlog, spawnTimeout, grace, maxRequests, preloadModules } = settings;
    const [listen] = this.#options.settings.listen;
    const app = logicalPath(this.#options.folder, settings.app);
    return { app, preloadModules, listen, backlog, spawnTimeout, grace, maxRequests, slot, generation };
  }
}

function workersText(count: number): string {
  return count === 1 ? '1 worker' : `${count} workers`;
}

function kill({ worker }: ForkedProcess, signal: NodeJS.Signals): void {
  worker.process.kill(signal);
}
