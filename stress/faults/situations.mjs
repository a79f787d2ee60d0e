import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, now } from './judge.mjs';
import { startLoad } from './load.mjs';
import { startServer } from './server.mjs';

const WORKERS = 4;
const STREAM = 'GET /stream HTTP/1.1\r\nHost: app\r\n\r\n';
/** How often the number of workers is looked at, in milliseconds. */
const SAMPLE = 25;

/** How many samples back the number that was wanted counts. */
const RECENT = 200;

/** Draws situations that operators meet at random, one after the other, under load, until the time is over. */
export async function situations({ until }) {
  const server = await startServer(['-w', `${WORKERS}`, '--grace', '5s', '--status-port', '0'], { group: true });
  const load = startLoad(server.port);
  const run = new Run(server);
  const counts = {};
  while (performance.now() < until && run.violations.length === 0) {
    const name = pick(Object.keys(SITUATIONS));
    counts[name] = (counts[name] ?? 0) + 1;
    await SITUATIONS[name](run).catch((error) => run.violations.push(`${name}: ${error.message}`));
    await run.recovers(name);
  }
  const { requests, failures } = await load.stop();
  const { inFlight, unnoted, unexcused } = judge(failures, run.killed, server.readJournal());
  run.close();
  const left = await server.stop();
  const told = (failure) => server.log.filter((line) => line.includes(`pid ${failure.holder?.pid}:`));
  return {
    numbers: {
      situations: counts,
      requests,
      failed: failures.length,
      failedInFlightOnTheKilled: inFlight,
      failedBeforeItWasNoted: unnoted,
      failedOtherwise: unexcused.length,
      mostWorkers: run.mostWorkers,
      mostWithThoseThatDrain: run.mostProcesses,
    },
    violations: [
      ...run.violations,
      ...unexcused.map((failure) => [`unexcused: ${JSON.stringify(failure)}`, ...told(failure)].join('\n    ')),
      ...left,
    ],
  };
}

/** One server under these situations, watched all the time. */
class Run {
  /** Workers that this program has killed, for the judge. */
  killed = [];
  violations = [];
  mostWorkers = 0;
  mostProcesses = 0;
  #streams = new Set();
  /** In the last samples: it may just have been lowered. */
  #wanted = [WORKERS];

  constructor(server) {
    this.server = server;
    this.sampling = setInterval(() => this.#sample(), SAMPLE);
  }

  get pid() {
    return this.server.pid;
  }

  get ready() {
    return this.server.workers.filter(({ state }) => state === 'ready');
  }

  #sample() {
    if (!this.server.isAlive) return;
    const { workers, description } = this.server.status;
    // One that was killed keeps its record until it is reaped.
    const active = workers.filter(({ state, pid }) => state !== 'draining' && (pid === 0 || lives(pid))).length;
    this.mostWorkers = Math.max(this.mostWorkers, active);
    this.mostProcesses = Math.max(this.mostProcesses, workers.length);
    this.#wanted = [...this.#wanted.slice(-RECENT), description.target];
    // A reload doubles them, and as many may not have heard yet that they are to leave.
    if (active <= 4 * Math.max(...this.#wanted)) return;
    const log = this.server.log.slice(-40).join('\n    ');
    this.violations.push(`${active} workers at a time; the log ends with\n    ${log}`);
  }

  signal(signal) {
    process.kill(this.pid, signal);
  }

  /** As a terminal or a service manager does. */
  signalGroup(signal) {
    process.kill(-this.pid, signal);
  }

  killWorker() {
    const victim = pick(this.ready);
    if (victim === undefined) return;
    const before = now();
    send(victim.pid, 'SIGKILL');
    this.killed.push({ pid: victim.pid, before, after: now() });
  }

  killZygote() {
    const { zygote } = this.server.status.description;
    if (zygote) send(zygote.pid, 'SIGKILL');
  }

  /** A client of an event stream, which stays until it is closed here or by a worker. */
  openStream() {
    const socket = connect(this.server.port, '127.0.0.1').on('error', () => {});
    socket.once('close', () => this.#streams.delete(socket)).resume();
    socket.write(STREAM);
    this.#streams.add(socket);
  }

  closeStreams() {
    for (const socket of this.#streams) socket.destroy();
  }

  /** Full strength comes back by itself, at the number that this program wants. */
  async recovers(name) {
    let asked = 0;
    try {
      await this.server.until(`strength after ${name}`, () => {
        const { target } = this.server.status.description;
        if (target === WORKERS) return this.ready.length === WORKERS;
        // Signals to the group have changed it. One signal at a time: what is not heeded yet would count twice.
        if (performance.now() - asked < 1000) return false;
        asked = performance.now();
        this.signal(target < WORKERS ? 'SIGTTIN' : 'SIGTTOU');
        return false;
      });
    } catch (error) {
      this.violations.push(`${name}: ${error.message}`);
    }
  }

  close() {
    clearInterval(this.sampling);
    this.closeStreams();
  }
}

const SITUATIONS = {
  async workerKilled(run) {
    run.killWorker();
  },
  async severalKilled(run) {
    for (let i = 0; i < 3; i++) run.killWorker();
    if (chance(0.5)) run.killZygote();
  },
  async zygoteKilled(run) {
    run.killZygote();
    if (chance(0.5)) run.killWorker();
  },
  async zygoteStopped(run) {
    const { zygote } = run.server.status.description;
    if (!zygote) return;
    await stopped(zygote.pid, 300 + 500 * Math.random(), () => run.killWorker());
  },
  async workerStopped(run) {
    const victim = pick(run.ready);
    if (victim) await stopped(victim.pid, 200 + 800 * Math.random());
  },
  async reload(run) {
    run.signal('SIGHUP');
    if (chance(0.3)) run.killWorker();
    await run.server.until('the reload', () => run.server.status.description.reload.state !== 'running');
  },
  async reloadFlood(run) {
    for (let i = 0; i < 6; i++) {
      run.signal('SIGHUP');
      await sleep(60 * Math.random());
    }
  },
  async scaled(run) {
    run.signal(pick(['SIGTTIN', 'SIGTTOU']));
    await sleep(100 * Math.random());
  },
  /** Only the monitor may notice these, once. */
  async groupSignalled(run) {
    run.signalGroup(pick(['SIGHUP', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU']));
  },
  async streams(run) {
    run.closeStreams();
    for (let i = 0; i < 6; i++) run.openStream();
  },
  /** Nobody reads the log, and there is much to write. */
  async fullLog(run) {
    run.server.child.stderr.pause();
    for (let i = 0; i < 30; i++) {
      run.signal(i % 2 === 0 ? 'SIGTTIN' : 'SIGTTOU');
      await sleep(20);
    }
    run.killWorker();
    await run.recovers('a full log');
    run.server.child.stderr.resume();
  },
  async monitorFull(run) {
    await withoutDescriptors(run.pid, Math.floor(3 * Math.random()), async () => {
      run.killWorker();
      if (chance(0.3)) run.killZygote();
      if (chance(0.3)) run.signal('SIGHUP');
      await sleep(300 + 700 * Math.random());
    });
  },
  async workerFull(run) {
    const victim = pick(run.ready);
    if (victim) await withoutDescriptors(victim.pid, 0, () => sleep(500));
  },
  /** The monitor itself stands still for a moment; workers serve on. */
  async monitorStopped(run) {
    await stopped(run.pid, 300, () => run.killWorker());
  },
};

/** A process stands still for so many milliseconds, while something happens. */
async function stopped(pid, milliseconds, action = () => {}) {
  send(pid, 'SIGSTOP');
  action();
  await sleep(milliseconds);
  send(pid, 'SIGCONT');
}

// The process may have ended since it was looked up.
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Leaves a process so many free descriptors while something happens. */
async function withoutDescriptors(pid, free, action) {
  const open = descriptorsOf(pid);
  if (open === undefined) return;
  let limit = 0;
  for (let left = free; left > 0 || open.has(limit); limit++) if (!open.has(limit)) left--;
  setLimit(pid, limit);
  try {
    await action();
  } finally {
    setLimit(pid, 4096);
  }
}

/** Whether a process is there, and no zombie. */
function lives(pid) {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Undefined when the process has ended meanwhile. */
function descriptorsOf(pid) {
  try {
    return new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  } catch {
    return undefined;
  }
}

// The process may have ended meanwhile.
function setLimit(pid, soft) {
  spawnSync('prlimit', [`--nofile=${soft}:`, '--pid', `${pid}`]);
}

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}

function chance(part) {
  return Math.random() < part;
}
