import type { Notice } from '../../channel/messages.js';
import { getpid, kill } from '../../posix/index.js';
import type { WorkerRecord } from '../../scoreboard/index.js';
import type { AppProcess } from '../app-process.js';
import { type LeaveStep, Leaving } from '../policy/leaving.js';
import { Drain } from '../serving/drain.js';
import { watchSignals } from '../signals.js';

/** A worker's end: by the monitor's word, or by SIGTERM from anywhere. */
export class Departure {
  readonly #leaving = new Leaving();
  readonly #drain: Drain;
  readonly #record: WorkerRecord;
  /** Keeps the event loop alive until SIGTERM arrives that this process has sent itself. */
  #keepAlive: NodeJS.Timeout | undefined;

  constructor({ clients, traffic, listening, scoreboard, options }: AppProcess, record: WorkerRecord) {
    this.#record = record;
    this.#drain = new Drain({
      clients,
      traffic,
      listening,
      linger: options.grace / 2,
      streamGrace: options.streamGrace,
      onDrained: () => this.#do(this.#leaving.drained(appListens())),
      onLate: () => this.#do(this.#leaving.late(appListens())),
    });
    const reason = () => (scoreboard.stopping ? 'stopping' : 'replaced');
    watchSignals({
      onTerm: (sender) => {
        if (sender !== 'self' && this.#leaving.isEcho()) return false;
        clearInterval(this.#keepAlive);
        this.#do(this.#leaving.signalled(reason(), appListens()));
        return true;
      },
      onDefault: () => this.#do(this.#leaving.signalled(reason(), false)),
    });
  }

  get hasBegun(): boolean {
    return this.#leaving.reason !== undefined;
  }

  handle(notice: Notice): void {
    if (notice.type === 'raise') kill(getpid(), notice.signal);
    else this.#do(this.#leaving.ordered(notice.reason, appListens()));
  }

  #do(steps: readonly LeaveStep[]): void {
    for (const step of steps) {
      if (step === 'drain') this.#begin();
      else if (step === 'raise') this.#raise();
      else process.exit();
    }
  }

  #raise(): void {
    this.#keepAlive = setInterval(() => {}, 1000);
    kill(getpid(), 'SIGTERM');
  }

  #begin(): void {
    const { reason } = this.#leaving;
    if (reason !== undefined) this.#drain.begin(reason);
    // Not before: the monitor takes it for the word that nothing is accepted any more.
    this.#record.state = 'draining';
  }
}

function appListens(): boolean {
  return process.listenerCount('SIGTERM') > 0;
}
