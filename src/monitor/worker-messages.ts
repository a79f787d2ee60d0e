import type { ToMonitor } from '../channel/messages.js';
import { isChild, type Sender } from '../posix/index.js';
import { monotonicNow } from '../scoreboard/index.js';
import { withJitter } from './policy/worker-limits.js';
import type { Worker } from './processes.js';
import type { Reaper } from './reaper.js';
import { isSystemError, type Service } from './service.js';
import type { Workers } from './workers.js';
import type { Zygotes } from './zygotes.js';

export interface WorkerMessagesOptions {
  readonly service: Service;
  readonly workers: Workers;
  readonly zygotes: Zygotes;
  readonly reaper: Reaper;
}

/** What workers say. A worker is killed for what it has no reason to say: it may have been taken over. */
export class WorkerMessages {
  readonly #options: WorkerMessagesOptions;

  constructor(options: WorkerMessagesOptions) {
    this.#options = options;
  }

  /** @param sender the process that sent it, by the kernel's word */
  take(worker: Worker, message: ToMonitor, sender: Sender): void {
    const { service, workers } = this.#options;
    const { listeners } = service.options;
    switch (message.type) {
      case 'listen': {
        const violation = listeners.answer(message, worker, sender);
        if (violation !== undefined) workers.kill(worker, `it ${violation}`);
        return;
      }
      case 'closed':
        listeners.closed(worker, message.sockets);
        return;
      case 'listens on descriptor':
        listeners.usesInherited(message.fd);
        return;
      case 'serves':
        this.#tellWhetherServed(worker, message.destination);
        return;
      case 'hello':
        this.#onHello(worker, sender.pid);
        return;
      case 'ready':
        this.#onReady(worker);
        return;
      case 'cannot listen':
        worker.reasons = message.reasons;
        return;
      case 'refused':
        this.#onRefused(worker, message.reasons);
        return;
      case 'once':
        worker.channel.send({ type: 'turn', ...workers.turns.ask(worker, message.name) });
        return;
      case 'once ended':
        workers.turns.ended(worker, message.name, message.error, monotonicNow());
        return;
      case 'warning':
        service.warnOf(worker, message.message, monotonicNow());
        return;
      default:
        workers.kill(worker, `it sent '${message.type}', which a worker has no reason to`);
    }
  }

  /** It loads the app beside workers of its generation, as with node:cluster, and finds these. */
  #tellWhetherServed(worker: Worker, destination: string): void {
    const isBeside = ({ generation }: { readonly generation: number }) => generation === worker.generation;
    const answer = this.#options.service.options.listeners.serves(destination, isBeside);
    worker.channel.send({ type: 'serves', answer });
  }

  /** Its process id is what the kernel says of the sender, which has to be a child of this process that is new. */
  #onHello(worker: Worker, pid: number): void {
    const { workers, zygotes, reaper } = this.#options;
    if (worker.pid !== undefined) {
      workers.kill(worker, "it sent 'hello' a second time");
      return;
    }
    const isOther = workers.withPid(pid) !== undefined || zygotes.withPid(pid) !== undefined;
    const status = isOther ? undefined : reaper.claim(pid);
    if (isOther || (status === undefined && !isOwnChild(pid))) {
      worker.channel.close(); // The process that was forked ends by that.
      workers.kill(worker, `its first message is that of process ${pid}, which is not the process that was forked`);
      return;
    }
    workers.onHello(worker, pid, status);
  }

  #onReady(worker: Worker): void {
    const { service, workers } = this.#options;
    if (worker.readyAt !== undefined) workers.kill(worker, "it sent 'ready' a second time");
    if (worker.phase !== 'booting') return; // It was told to leave meanwhile.
    const now = monotonicNow();
    service.report({ type: 'worker ready', milliseconds: now - worker.since, ...worker.ref });
    worker.enter('ready', now);
    worker.readyAt = now;
    worker.limits = withJitter(service.useLimits, service.settings.jitter, Math.random);
  }

  #onRefused(worker: Worker, reasons: readonly string[]): void {
    if (worker.phase !== 'booting') return; // It was told to leave meanwhile.
    worker.reasons = reasons;
    this.#options.service.warnOf(worker, reasons.join('\n  '), monotonicNow());
  }
}

function isOwnChild(pid: number): boolean {
  try {
    return isChild(pid);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false; // A process that cannot be looked at is not believed.
  }
}
