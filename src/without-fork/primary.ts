import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { nodeAddressText } from '../net/address.js';
import { logicalPath, type Settings } from '../settings/index.js';
import { CrashHistory } from '../util/crash-history.js';
import type { Report } from './log.js';
import { emptySlots, type ManagedProcess, superseded } from './processes.js';
import { isWornOut, type LeaveOrder, type Task, taskVariables } from './task.js';

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));
/** How long a quick end may take, and how much longer than its grace a worker may, in milliseconds. */
const KILL_TIMEOUT_MS = 1000;

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
  #generation = 1;
  #last = 1;
  #children: ForkedProcess[] = [];
  readonly #addresses = new Set<string>();
  /** All slots count as one, the first: one timer fills them all. */
  readonly #deaths = new CrashHistory();
  #retry: NodeJS.Timeout | undefined;
  #isServing = false;
  #status: number | undefined;
  #reloads: Promise<unknown> = Promise.resolve();
  #end = (_: number) => {};

  constructor(options: PrimaryOptions) {
    this.#options = options;
    this.#settings = options.settings;
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
      const { length } = first;
      const where = [...this.#addresses].join(', ');
      this.#options.report('serving', `serving on ${where} with ${length} ${length === 1 ? 'worker' : 'workers'}`);
      this.#fill();
    }
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

  /** One after the other. @returns why it failed, and the generation that serves */
  reload(): Promise<{ readonly reason: string | undefined; readonly generation: number }> {
    const done = this.#reloads.then(async () => {
      const { report } = this.#options;
      const generation = ++this.#last;
      report('reload begins', `reload: generation ${generation} is loaded beside the present one`);
      const reason = await this.#reload(generation).catch((error: Error) => error.message);
      const failed = `reload: generation ${generation} failed, ${reason}; the present one serves on`;
      if (reason === undefined) report('reloaded', `reload: generation ${generation} serves`);
      else report('reload failed', failed);
      return { reason, generation: this.#generation };
    });
    this.#reloads = done;
    return done;
  }

  async #reload(generation: number): Promise<string | undefined> {
    if (!this.#isServing || this.#status !== undefined) return 'it comes at the start or at the end';
    const settings = this.#options.readSettings();
    const fresh = emptySlots([], settings.workers, generation).map((slot) => this.#fork(slot, generation, settings));
    const [reason] = (await Promise.all(fresh.map(({ ready }) => ready))).filter((one) => one !== undefined);
    if (reason !== undefined) {
      for (const child of fresh) {
        child.state = 'leaving';
        kill(child, 'SIGKILL');
      }
      return reason;
    }
    this.#settings = settings;
    this.#generation = generation;
    for (const child of superseded(this.#children, settings.workers, generation)) this.#replaced(child);
    this.#fill();
  }

  #fill(): ForkedProcess[] {
    if (this.#status !== undefined) return [];
    const slots = emptySlots(this.#children, this.#settings.workers, this.#generation);
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
      if (isWornOut(message)) void this.#renew(child);
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

  /** Its successor serves first. */
  async #renew(child: ForkedProcess): Promise<void> {
    if (this.#status !== undefined || child.state !== 'ready' || child.generation !== this.#generation) return;
    const successor = this.#fork(child.slot, child.generation, this.#settings);
    if ((await successor.ready) === undefined && child.state === 'ready') this.#replaced(child);
  }

  #replaced(child: ForkedProcess): void {
    this.#options.report('worker leaves', 'stopping: it is replaced', child);
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

function kill({ worker }: ForkedProcess, signal: NodeJS.Signals): void {
  worker.process.kill(signal);
}
