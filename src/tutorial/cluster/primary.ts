import cluster, { type Address } from 'node:cluster';
import { ENDINGS } from '../shutdown.js';

export interface PrimaryOptions {
  /** The program that each worker runs, and its arguments. */
  readonly exec: string;
  readonly args: readonly string[];
  readonly workers: number;
  /** Whether the primary accepts and hands out connections in turn, or the workers accept. */
  readonly scheduling: 'round-robin' | 'none';
  /** Told once, when all workers listen. */
  readonly ready: (address: Address, children: number[]) => void;
  /** Takes one line about each death and replacement. */
  readonly report: (line: string) => void;
}

/** The primary of node:cluster: keeps so many workers alive until a signal ends it. @returns the exit status */
export function runPrimary({ exec, args, workers, scheduling, ready, report }: PrimaryOptions): Promise<number> {
  cluster.schedulingPolicy = scheduling === 'none' ? cluster.SCHED_NONE : cluster.SCHED_RR;
  cluster.setupPrimary({ exec, args: [...args] });
  return new Promise((resolve) => {
    const listening = new Set<number>();
    let announced = false;
    let status: number | undefined;

    const end = (code: number) => {
      status ??= code;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill();
    };
    for (const [signal, code] of Object.entries(ENDINGS)) process.on(signal, () => end(code));

    cluster.on('listening', ({ id }, address) => {
      listening.add(id);
      if (announced || listening.size < workers) return;
      announced = true;
      ready(address, children());
    });
    cluster.on('exit', ({ id, process: { pid } }, code, signal) => {
      // One that cannot even listen has said why; neither could the next.
      if (!listening.delete(id)) end(1);
      if (status === undefined) {
        report(`Child ${pid} ${signal === null ? `ended with status ${code}` : `was killed by ${signal}`}`);
        report(`forked child process: ${cluster.fork().process.pid}`);
      }
      if (children().length === 0) resolve(status ?? 0);
    });
    for (let n = 0; n < workers; n++) cluster.fork();
  });
}

/** A worker stays in the list until its channel has ended, too. */
function children(): number[] {
  return Object.values(cluster.workers ?? {}).flatMap((worker) =>
    worker?.isDead() ? [] : (worker?.process.pid ?? []),
  );
}
