// One app on one Node: under plain node, then under `prefork start`, with the same questions and the same mishaps.
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { difference, names, withoutPids } from './answers.mjs';
import { PlainApp, PreforkedApp, START_MILLISECONDS } from './app.mjs';
import { newFolder } from './folder.mjs';
import { request } from './http.mjs';
import { accuses, warningsOf } from './log.mjs';
import { freePort } from './ports.mjs';
import { kill } from './processes.mjs';
import { eventually, GivenUp } from './wait.mjs';

const WORKERS = 3;
/** How long a database stays away. */
const AWAY_MILLISECONDS = 1_000;
const RECOVERY_MILLISECONDS = 30_000;
/** Under plain node what has not recovered by then counts as not recovering. */
const PLAIN_RECOVERY_MILLISECONDS = 10_000;
const STOP_MILLISECONDS = 40_000;

/**
 * @typedef {object} Result
 * @property {'unmodified' | 'refused' | 'fails' | 'broken'} outcome broken: it does not even run under plain node
 * @property {string} message the refusal, or what failed
 * @property {string} output of the process that failed
 * @property {string[]} times when each phase began
 */

/** @returns {Promise<Result>} */
export async function tryCase(testCase, node, { packages, servers, variant = {} }) {
  const taken = await servers.take(testCase.servers ?? []);
  const scratch = newFolder('app');
  try {
    const folder = await packages.prepare(testCase, node);
    const trial = new Trial({ ...testCase, ...variant }, node, folder, packages, taken, scratch);
    return await trial.run();
  } finally {
    servers.giveBack(taken);
    rmSync(scratch, { recursive: true, force: true });
  }
}

class Trial {
  constructor(testCase, node, folder, packages, taken, scratch) {
    this.case = testCase;
    this.node = node;
    this.folder = folder;
    this.packages = packages;
    this.taken = taken;
    this.scratch = scratch;
  }

  async run() {
    let phase = 'plain node';
    let app;
    const times = [];
    const enter = (name) => {
      times.push(`${name} at ${((performance.now() - began) / 1000).toFixed(1)} s`);
      phase = name;
    };
    const began = performance.now();
    try {
      enter('plain node');
      app = await this.#start('plain');
      const plain = await this.#underPlainNode(app);
      if (plain.recovery) times.push(`when its server is restarted it ${plain.recovery}`);
      await app.kill();
      await Promise.all([...this.taken.values()].map((server) => server.reset()));

      enter('start');
      app = await this.#start('prefork');
      const refusal = await this.#served(app);
      if (refusal !== undefined) {
        await app.gone();
        return { outcome: 'refused', message: refusal, output: app.output, times };
      }
      for (const [name, step] of this.#steps(app, plain)) {
        enter(name);
        await step();
      }
      return { outcome: 'unmodified', message: '', output: app.output, times };
    } catch (error) {
      const outcome = phase === 'plain node' ? 'broken' : 'fails';
      return { outcome, message: `${phase}: ${error.message}`, output: app?.output ?? error.stack, times };
    } finally {
      await app?.kill();
    }
  }

  async #start(kind) {
    const { nodeArgs = [], preforkArgs = [], script = 'app.mjs', args = [], env = {} } = this.case;
    this.port = await freePort();
    const data = join(this.scratch, kind);
    mkdirSync(data);
    const servers = [...this.taken.values()].map((server) => server.env);
    const appArgs = args.map((arg) => arg.replace('$PORT', this.port));
    const options = { cwd: this.folder, env: Object.assign({ PORT: `${this.port}`, DATA: data }, ...servers, env) };
    if (kind === 'plain') return new PlainApp(this.node.path, [...nodeArgs, script, ...appArgs], options);
    return new PreforkedApp(this.node.path, { nodeArgs, preforkArgs, script, appArgs, workers: WORKERS }, options);
  }

  /** @returns {Promise<{ answers: string, recovery: string | undefined }>} */
  async #underPlainNode(app) {
    const first = await this.#answersOf(app);
    const answers = withoutPids(first, app.pids);
    const again = withoutPids(await this.#ask(), app.pids);
    const differs = difference(answers, again);
    if (differs) throw new Error(`the case itself gives another answer each time: ${differs}`);
    if (!names(first, app.pids[0])) throw new Error(`no answer tells the process id: ${first}`);
    let recovery;
    if (this.taken.size > 0) {
      await this.#restartServers();
      recovery = await eventually('right answers again', PLAIN_RECOVERY_MILLISECONDS, async () => {
        if (!app.isRunning) return 'ends';
        return withoutPids(await this.#ask(), app.pids) === answers && 'recovers';
      }).catch((error) => `does not recover, ${error.message}`);
    }
    return { answers, recovery, warnings: warningsOf(app.process.stderr.lines) };
  }

  /** The first answers of an app that is still starting. */
  #answersOf(app) {
    return eventually('it answers', START_MILLISECONDS, async () => {
      if (!app.isRunning) throw new GivenUp(`${await how(app)} before it answered:\n${app.output}`);
      return this.#ask();
    });
  }

  /** Waits until it serves. @returns why it was refused, if it was */
  async #served(app) {
    const found = await eventually(
      'it serves or is refused',
      START_MILLISECONDS,
      () => app.events.find(({ event }) => event === 'serving' || event === 'load failed') ?? (!app.isRunning && {}),
    );
    if (found.event === 'serving') return undefined;
    const { code } = await app.ended;
    if (found.event === 'load failed' && code === 4) return found.reasons.join('\n');
    throw new Error(`${await how(app)}: ${app.output.slice(-2_000)}`);
  }

  #steps(app, { answers, recovery, warnings }) {
    /** What the log may say although it is a warning or an error. @type {((event: object) => boolean)[]} */
    const allowed = (this.case.allowed ?? []).map(
      (pattern) =>
        ({ message }) =>
          pattern.test(message),
    );
    const steps = [
      ['answers', () => this.#everyWorkerAnswers(app, answers)],
      ['reload', () => this.#reload(app, answers)],
      ['kill -9', () => this.#killWorker(app, answers, allowed)],
    ];
    if (recovery === 'recovers' || recovery === 'ends') {
      steps.push(['restart of its server', () => this.#restart(app, answers)]);
      // Where plain node ends, so do workers; they are replaced.
      if (recovery === 'ends') allowed.push(({ event }) => event === 'worker died');
    }
    steps.push(['stop', () => this.#stop(app)], ['log', () => accuses(app, allowed, warnings)]);
    return steps;
  }

  /** Asks until each worker has answered, and each answer is right. */
  async #everyWorkerAnswers(app, expected) {
    const raw = [];
    await eventually(`all of ${WORKERS} workers answer`, RECOVERY_MILLISECONDS, async () => {
      try {
        raw.push(await this.#ask());
      } catch (error) {
        throw new GivenUp(`no answer: ${error.message}`);
      }
      return this.#haveAllAnswered(app, raw);
    });
    this.#compare(app, expected, raw);
  }

  #haveAllAnswered(app, raw) {
    const serving = [...app.workers.values()];
    return serving.length === WORKERS && serving.every((pid) => raw.some((text) => names(text, pid)));
  }

  #compare(app, expected, raw) {
    for (const text of raw) {
      const differs = difference(expected, withoutPids(text, app.pids));
      if (differs) throw new Error(`another answer than under plain node: ${differs}`);
    }
  }

  /** No request fails while it is reloaded; then the new generation answers. */
  async #reload(app, expected) {
    const before = new Set(app.workers.values());
    const raw = [];
    let over = false;
    const asking = (async () => {
      while (!over) raw.push(await this.#ask());
    })();
    asking.catch(() => {}); // Awaited below.
    try {
      const from = app.events.length;
      app.process.signal('SIGHUP');
      const done = await eventually('the reload ends', START_MILLISECONDS, async () => {
        if (!app.isRunning) throw new GivenUp(await how(app));
        return app.events.slice(from).find(({ event }) => event === 'reloaded' || event === 'reload failed');
      });
      if (done.event === 'reload failed') throw new Error(`the reload failed: ${done.reason}`);
    } finally {
      over = true;
    }
    await asking.catch((error) => {
      throw new Error(`a request during the reload failed: ${error.message}`);
    });
    this.#compare(app, expected, raw);
    if ([...app.workers.values()].some((pid) => before.has(pid))) throw new Error('a worker of before still serves');
    await this.#everyWorkerAnswers(app, expected);
  }

  async #killWorker(app, expected, allowed) {
    const slot = 1;
    const victim = app.workers.get(slot);
    allowed.push(({ pid }) => pid === victim);
    kill(victim, 'SIGKILL');
    await eventually('another worker is in its place', START_MILLISECONDS, () => {
      const pid = app.workers.get(slot);
      return pid !== undefined && pid !== victim;
    });
    await this.#everyWorkerAnswers(app, expected);
  }

  /** Waits until every worker answers rightly again, several times in a row. */
  async #restart(app, expected) {
    await this.#restartServers();
    await eventually('every worker recovers', RECOVERY_MILLISECONDS, async () => {
      if (!app.isRunning) throw new GivenUp(await how(app));
      const raw = [];
      while (raw.length < 4 * WORKERS) {
        raw.push(await this.#ask());
        this.#compare(app, expected, raw.slice(-1));
      }
      return this.#haveAllAnswered(app, raw);
    });
  }

  async #restartServers() {
    const servers = [...this.taken.values()];
    await Promise.all(servers.map((server) => server.stop()));
    await sleep(AWAY_MILLISECONDS);
    await Promise.all(servers.map((server) => server.start()));
  }

  async #stop(app) {
    app.process.signal('SIGTERM');
    const { code } = await Promise.race([
      app.ended,
      sleep(STOP_MILLISECONDS, undefined, { ref: false }).then(() => {
        throw new Error(`it does not end within ${STOP_MILLISECONDS} ms`);
      }),
    ]);
    if (code !== 0) throw new Error(await how(app));
    await app.gone();
  }

  /** One round of the case's questions. @returns the answers as text */
  async #ask() {
    const { port } = this;
    const get = async (path = '/', options = {}) => {
      const { status, headers, body } = await request(port, path, options);
      return { status, type: headers['content-type'] ?? null, body };
    };
    const client = {
      port,
      get,
      post: (path, value) =>
        get(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(value),
        }),
      request: (path, options) => request(port, path, options),
      folder: this.folder,
      servers: this.taken,
      require: createRequire(join(this.packages.folder, 'package.json')),
    };
    const answers = await (this.case.ask?.(client) ?? get('/'));
    return JSON.stringify(answers);
  }
}

/** How an app has ended. */
async function how(app) {
  const { code, signal } = await app.ended;
  return `it ended with ${signal ?? `status ${code}`}`;
}
