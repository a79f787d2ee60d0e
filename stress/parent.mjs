// The process under test: it works, forks children by a plan, and tells the supervisor what it sees, line by line on
// its standard output. The children tell what they have computed, and end. Its argument is the configuration as JSON.
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { fork, waitpid, writeAll } from 'prefork/posix';
import { activities } from './activities.mjs';
import { endings } from './endings.mjs';
import { randomOf } from './random.mjs';
import { works } from './works.mjs';

const { seed, forks, seconds, concurrency, depth, soak, brief, activity } = JSON.parse(process.argv[2]);
const random = randomOf(seed);
const deadline = performance.now() + seconds * 1000;
const REFUSALS_IN_A_ROW = 10;

const report = (line) => writeAll(1, `${JSON.stringify({ pid: process.pid, ...line })}\n`);

/** Draws what a child will do; `depth` counts the forks from here down. */
function plan(depth) {
  const names = Object.keys(works);
  const drawn = Array.from({ length: brief ? 1 : 1 + random.below(3) }, () => random.pick(names));
  return {
    works: drawn.map((name) => [name, brief ? works[name].sizes[0] : random.pick(works[name].sizes)]),
    ending: random.pick(Object.keys(endings)),
    depth,
    soak,
  };
}

/** A refusal is clean, so that trying again is right; too many in a row are a failure all the same. */
async function forkPatiently() {
  for (let refusals = 1; ; refusals++) {
    const start = performance.now();
    try {
      return { pid: fork({ keepWorkers: running?.inChild !== undefined }), ms: performance.now() - start };
    } catch (error) {
      report({ event: 'refused', code: error.code });
      if (refusals === REFUSALS_IN_A_ROW) throw error;
      await wait(20);
    }
  }
}

/** The children that have not ended yet: what to call with their status. */
const alive = new Map();

function reap() {
  for (const [pid, ended] of alive) {
    const status = waitpid(pid, { nohang: true });
    if (!status) continue;
    alive.delete(pid);
    ended(status);
  }
}

let running;
const never = new Promise(() => {});
let becomeChild;

/** Forks, and settles when the child has ended. In the child it never does: there parentOf goes on. */
async function forkChild(plan) {
  const { pid, ms } = await forkPatiently();
  if (pid === 0) {
    alive.clear();
    becomeChild(plan);
    return never;
  }
  report({ event: 'forked', child: pid, plan, ms });
  // Signals do not keep the loop alive, and a child that forks in its turn has no timer of its parent's.
  const awake = setInterval(() => {}, 1000);
  const { code, signal } = await new Promise((ended) => {
    alive.set(pid, ended);
    reap();
  });
  clearInterval(awake);
  report({ event: 'ended', child: pid, code, signal });
}

/** Lets `forkThem` fork, to its end; in a child that is left, and the child behaves as it was told. True in a child. */
async function parentOf(forkThem) {
  const told = new Promise((resolve) => {
    becomeChild = resolve;
  });
  const plan = await Promise.race([forkThem(), told]);
  if (plan) await behave(plan);
  return plan !== undefined;
}

async function forkAll() {
  const owner = process.pid;
  const ends = [];
  for (let i = 0; i < forks && performance.now() < deadline; i++) {
    while (alive.size >= concurrency) await wait(1);
    ends.push(forkChild(plan(depth)));
    await wait(random.below(30));
    if (process.pid !== owner) return never;
  }
  await Promise.all(ends);
}

/** In a child: its work, its own child if the chain goes on, its end. */
async function behave(plan) {
  if (running.inChild) report({ event: 'drew', ...(await running.inChild(plan.depth === 1)) });
  const results = [];
  for (const [name, size] of plan.works) results.push(await works[name].run(size));
  for (const until = performance.now() + (plan.soak ?? 0) * 1000; performance.now() < until; ) {
    const name = random.pick([...Object.keys(works), 'allocate', 'allocate']);
    const size = random.pick(works[name].sizes);
    const right = (await works[name].run(size)) === works[name].answer(size);
    report({ event: 'beat', name, size, right, rss: process.memoryUsage.rss() });
  }
  report({ event: 'result', results });
  if (plan.depth > 1) {
    const next = { ...plan, works: plan.works.slice(0, 1), depth: plan.depth - 1 };
    if (await parentOf(() => forkChild(next))) return;
  }
  return endings[plan.ending].end();
}

const descriptors = () =>
  readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
      } catch {
        return ''; // The listing's own.
      }
    })
    .filter(Boolean);

function childrenLeft() {
  try {
    waitpid(-1, { nohang: true });
    return true;
  } catch (error) {
    return error.code !== 'ECHILD';
  }
}

process.on('SIGCHLD', reap);
const awake = setInterval(() => {}, 1000);
const before = descriptors();
running = await activities[activity](report);
if (!(await parentOf(forkAll))) {
  report({ event: 'forkedAll' });
  // The supervisor stops the clients, and then closes this.
  await once(process.stdin.resume(), 'end');
  process.stdin.destroy();
  clearInterval(awake);
  const acts = await running.stop();
  await wait(50);
  const leaked = descriptors().filter((line) => !before.includes(line));
  report({ event: 'finished', acts, leaked, childrenLeft: childrenLeft() });
}
