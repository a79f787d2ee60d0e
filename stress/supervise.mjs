// Runs one parent under test to its end, watches it and its children from outside, and counts what goes wrong.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { diagnose, membersOf } from './diagnose.mjs';
import { endings } from './endings.mjs';
import { SLOWNESS } from './slowness.mjs';
import { works } from './works.mjs';

/** How long, in ms, a child may give no sign of life before it counts as hung; its parent, waiting for it, twice. */
const DEADLINE = 60_000 * SLOWNESS;
const CRASHES = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGTRAP', 'SIGFPE', 'SIGABRT'];
const here = (file) => join(import.meta.dirname, file);

/**
 * @param {string} node the binary to test
 * @param {object} config the argument of parent.mjs
 * @returns {Promise<object>} counts, times, and the failures as texts; all is well when there are none of those
 */
export function supervise(node, config) {
  return new Supervision(node, config).run();
}

class Supervision {
  counts = { forks: 0, refused: 0, hangs: 0, crashes: 0, wrongEnds: 0, wrongResults: 0, left: 0, leaked: 0 };
  refusals = {};
  failures = [];
  forkTimes = [];
  /** Bytes of memory of a soaking child, after each of its works. */
  rss = [];
  requests = 0;
  acts = 0;
  done = false;
  /** By process id: what each child was told to do, what it has computed, and when a process was last heard of. */
  plans = new Map();
  results = new Map();
  /** How many children had so many Workers. */
  workers = {};
  /** Random numbers, each with the process that drew it. */
  draws = new Map();
  signs = new Map();
  /** The parent of each child that has not ended, by process id. */
  parents = new Map();
  helpers = [];

  constructor(node, config) {
    this.node = node;
    // For the temporary files of children that are killed, too, and for what they all print.
    this.folder = mkdtempSync(join(tmpdir(), 'fork-stress-'));
    this.log = join(this.folder, 'stderr');
    // No core files: many of the children end by abort(). A process group, to find what is left of it.
    const shell = ['-c', 'ulimit -c 0; exec "$@"', 'sh', node, here('parent.mjs'), JSON.stringify(config)];
    this.parent = spawn('sh', shell, { detached: true, env: { ...process.env, TMPDIR: this.folder } });
    this.parent.stderr.pipe(createWriteStream(this.log));
    this.heardOf(this.parent.pid);
  }

  async run() {
    const started = Date.now();
    createInterface({ input: this.parent.stdout }).on('line', (line) => {
      const { event, ...told } = JSON.parse(line);
      this.heardOf(told.pid);
      this[event](told);
    });
    const watch = setInterval(() => this.findHangs(), 1000);
    const [code, signal] = await once(this.parent, 'exit');
    clearInterval(watch);
    for (const helper of this.helpers) helper.kill('SIGKILL');
    if (code !== 0 || !this.done) this.fail('crashes', `the parent ended with code ${code}, signal ${signal}`);
    for (const pid of membersOf(this.parent.pid)) {
      this.fail('left', diagnose(pid));
      this.kill(pid);
    }
    if (this.failures.length === 0) rmSync(this.folder, { recursive: true });
    else {
      this.failures.push(`standard error of all, the end of ${this.log}:\n${tail(this.log)}`);
    }
    return {
      ...this.counts,
      refusals: this.refusals,
      workers: this.workers,
      requests: this.requests,
      acts: this.acts,
      forkMs: spread(this.forkTimes),
      soakMb: spread(this.rss.map((bytes) => bytes / 2 ** 20)),
      seconds: Math.round((Date.now() - started) / 1000),
      failures: this.failures,
    };
  }

  // What the parent and its children tell.

  forked({ pid, child, plan, ms }) {
    this.counts.forks++;
    this.parents.set(child, pid);
    this.forkTimes.push(ms);
    this.plans.set(child, plan);
    if (!this.signs.has(child)) this.heardOf(child);
  }

  refused({ code }) {
    this.counts.refused++;
    this.refusals[code] = (this.refusals[code] ?? 0) + 1;
  }

  beat({ name, size, right, rss }) {
    this.rss.push(rss);
    if (!right) this.fail('wrongResults', `${name} ${size} in a soaking child`);
  }

  drew({ pid, workers, draws }) {
    this.workers[workers] = (this.workers[workers] ?? 0) + 1;
    for (const draw of draws) {
      if (this.draws.has(draw)) this.fail('wrongResults', `children ${pid} and ${this.draws.get(draw)} drew ${draw}`);
      this.draws.set(draw, pid);
    }
  }

  result({ pid, results }) {
    this.results.set(pid, results);
  }

  ended({ child, code, signal }) {
    const plan = this.plans.get(child);
    const results = this.results.get(child);
    const wanted = endings[plan.ending];
    const what = `child ${child}, told ${JSON.stringify(plan)},`;
    if (!this.signs.has(child)) this.failures.push(`${what} hung and was killed`);
    else if (code !== (wanted.code ?? null) || signal !== (wanted.signal ?? null)) {
      this.fail(
        CRASHES.includes(signal) ? 'crashes' : 'wrongEnds',
        `${what} ended with code ${code}, signal ${signal}`,
      );
    } else if (JSON.stringify(results) !== JSON.stringify(plan.works.map(answerTo))) {
      this.fail('wrongResults', `${what} gave ${JSON.stringify(results)}`);
    }
    for (const map of [this.plans, this.results, this.signs, this.parents]) map.delete(child);
  }

  serving({ port }) {
    this.help('client.mjs', `${port}`, this.node);
  }

  awaitingSignals({ pid }) {
    this.help('signaller.mjs', `${pid}`);
  }

  async forkedAll() {
    for (const helper of this.helpers) {
      helper.stdin.end();
      const told = await text(helper.stdout);
      if (told === '') continue;
      const { requests, errors } = JSON.parse(told);
      this.requests += requests;
      for (const error of errors) this.fail('wrongResults', `for a client of the parent's server: ${error}`);
    }
    this.parent.stdin.end();
  }

  finished({ acts, leaked, childrenLeft }) {
    this.done = true;
    this.acts = acts;
    for (const descriptor of leaked) this.fail('leaked', descriptor);
    if (childrenLeft) this.fail('left', 'the parent still has a child');
  }

  // What is seen from outside.

  /** So its parents are alive, too, which wait for it. */
  heardOf(pid) {
    const now = Date.now();
    this.signs.set(pid, now);
    for (let each = this.parents.get(pid); this.signs.has(each); each = this.parents.get(each))
      this.signs.set(each, now);
  }

  findHangs() {
    for (const [pid, sign] of this.signs) {
      if (Date.now() - sign < (pid === this.parent.pid ? 2 : 1) * DEADLINE) continue;
      this.fail('hangs', `process ${pid}, told ${JSON.stringify(this.plans.get(pid))}\n${diagnose(pid)}`);
      this.signs.delete(pid);
      this.kill(pid);
    }
  }

  fail(kind, what) {
    this.counts[kind]++;
    this.failures.push(`${kind}: ${what}`);
  }

  help(file, ...args) {
    this.helpers.push(spawn(process.execPath, [here(file), ...args], { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  kill(pid) {
    // It may be gone, and its number another's.
    if (membersOf(this.parent.pid).includes(pid)) process.kill(pid, 'SIGKILL');
  }
}

const answers = new Map();

function answerTo([name, size]) {
  const key = `${name} ${size}`;
  if (!answers.has(key)) answers.set(key, works[name].answer(size));
  return answers.get(key);
}

function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const rounded = (number = 0) => Math.round(number * 10) / 10;
  return { min: rounded(sorted[0]), median: rounded(sorted[sorted.length >> 1]), max: rounded(sorted.at(-1)) };
}

function tail(file) {
  try {
    return readFileSync(file, 'utf8').slice(-3000);
  } catch (error) {
    return error.message;
  }
}
