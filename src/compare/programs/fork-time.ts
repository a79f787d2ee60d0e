// fork-time.js WAY TIMES: how long it takes to make a process, in ms, by fork(2) or by node:cluster.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { _exit, fork, pipe, read, waitpid, write } from '../../posix/index.js';

/** Of each process. */
export interface ForkTimes {
  /** Until the call that makes it returns to the parent. */
  readonly held: number[];
  /** Until the parent has heard of it. */
  readonly runs: number[];
}

const [way, times] = process.argv.slice(2);

// A worker of the cluster has nothing to do but to be there.
if (cluster.isPrimary) {
  const measured = await (way === 'cluster' ? byCluster : byFork)(Number(times));
  console.log(JSON.stringify(measured));
}

function byFork(count: number): ForkTimes {
  const measured: ForkTimes = { held: [], runs: [] };
  const [ours, theirs] = pipe();
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    const pid = fork();
    if (pid === 0) {
      write(theirs, 'x');
      _exit();
    }
    measured.held.push(performance.now() - start);
    read(ours, 1);
    measured.runs.push(performance.now() - start);
    waitpid(pid);
  }
  return measured;
}

async function byCluster(count: number): Promise<ForkTimes> {
  const measured: ForkTimes = { held: [], runs: [] };
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    const worker = cluster.fork();
    measured.held.push(performance.now() - start);
    await once(worker, 'online');
    measured.runs.push(performance.now() - start);
    worker.process.kill('SIGKILL');
    await once(worker, 'exit');
  }
  return measured;
}
