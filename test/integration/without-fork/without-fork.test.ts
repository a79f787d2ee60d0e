import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { accepts } from '../../fixtures/start/server.js';
import { processesWithEnvironment } from '../../helpers/proc.js';
import { type Running, startNode, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/without-fork/app.mjs';
const MARK = 'WITHOUT_FORK_TEST_MARK';

interface Answer {
  readonly pid: number;
  readonly worker: { readonly slot: number; readonly generation: number; readonly pid: number };
  readonly preforked: boolean;
  readonly hooks: readonly string[];
  readonly args: readonly string[];
}

/** A machine that cannot fork, with a folder for temporary files of its own. */
class Elsewhere {
  readonly folder = mkdtempSync(join(tmpdir(), 'prefork-elsewhere-'));
  readonly #mark = randomUUID();
  readonly env: NodeJS.ProcessEnv = { PREFORK_PLATFORM: 'cluster', TMPDIR: this.folder, [MARK]: this.#mark };

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true }));
  }

  prefork(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Running> {
    return startPrefork(args, { env: { ...this.env, ...env } });
  }

  /** The output of a command that ends by itself. */
  async says(...args: string[]): Promise<{ readonly code: number | null; readonly text: string }> {
    const command = await this.prefork(args);
    const { code } = await command.closed;
    return { code, text: command.text };
  }

  async serve(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Served> {
    const running = await this.prefork(['start', '-w', '2', ...args, APP, '--', 'an argument'], env);
    const [, port] = await running.line(/serving on 127\.0\.0\.1:(\d+) with 2 workers/);
    return new Served(running, Number(port));
  }

  get processes(): number[] {
    return processesWithEnvironment(MARK, this.#mark);
  }

  async expectNothingLeft({ port }: Served): Promise<void> {
    await eventually('no process is left', () => this.processes.length === 0);
    expect(readdirSync(this.folder)).toEqual([]);
    expect(await accepts(port)).toBe(false);
  }
}

class Served {
  constructor(
    readonly running: Running,
    readonly port: number,
  ) {}

  /** The answer to a request on a connection of its own, or the agent's. */
  ask(path = '/', agent: Agent | false = false): Promise<Answer> {
    return new Promise((resolve, reject) => {
      get({ port: this.port, host: '127.0.0.1', path, agent }, async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve(JSON.parse(text));
      }).on('error', reject);
    });
  }

  /** Those that answered so many requests. */
  async workers(requests = 12): Promise<Answer[]> {
    const answers = await Promise.all(Array.from({ length: requests }, () => this.ask()));
    return [...new Map(answers.map((answer) => [answer.pid, answer])).values()];
  }
}

test('it says that it cannot fork, and serves by node:cluster with hooks, arguments and an identity', async () => {
  const served = await new Elsewhere().serve(['--max-memory', '300M']);
  const { text } = served.running;
  expect(
    text.match(/this platform cannot fork \(prefork needs Linux .*\): the app runs under node:cluster/g),
  ).toHaveLength(1);
  expect(text.match(/these are ignored: --max-memory$/gm)).toHaveLength(1);
  const workers = await served.workers();
  expect(workers.map(({ worker }) => worker.slot).sort()).toEqual([0, 1]);
  for (const { pid, worker, preforked, hooks, args } of workers) {
    expect({ worker, preforked, args }).toEqual({
      worker: { slot: worker.slot, generation: 1, pid },
      preforked: true,
      args: ['an argument'],
    });
    expect(hooks).toEqual(['beforeFork', `afterFork ${worker.slot}`, 'listening']);
  }
});

test('a Node with a C library that was never tried serves so, too, and says how fork can be tried; with that it forks', async () => {
  const untested = { PREFORK_PLATFORM: 'untested', PREFORK_ALLOW_MUSL: '' };
  const elsewhere = new Elsewhere();
  const { running } = await elsewhere.serve([], untested);
  expect(running.text).toMatch(
    /cannot fork \(.* such as musl on aarch64; PREFORK_ALLOW_MUSL=1 .*\): the app runs under node:cluster/,
  );
  expect((await elsewhere.says('stop', `${running.pid}`)).code).toBe(0);
  const forked = await elsewhere.serve([], { ...untested, PREFORK_ALLOW_MUSL: '1' });
  expect(forked.running.text).toMatch(/the app is loaded/);
});

test('a killed worker is replaced in its slot', async () => {
  const served = await new Elsewhere().serve();
  const { pid, worker } = await served.ask();
  process.kill(pid, 'SIGKILL');
  await served.running.line(new RegExp(`worker ${worker.slot} gen 1 pid ${pid}: died \\(SIGKILL\\)`));
  await served.running.lines(3, /worker \d gen 1 pid \d+: ready/);
  const workers = await served.workers();
  expect(workers.map((one) => one.worker.slot).sort()).toEqual([0, 1]);
  expect(workers.map((one) => one.pid)).not.toContain(pid);
});

test.each(['prefork reload', 'SIGHUP'])('%s replaces all workers, and no request fails', async (way) => {
  const elsewhere = new Elsewhere();
  const served = await elsewhere.serve();
  const { running } = served;
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => kept.destroy());
  let goesOn = true;
  let answered = 0;
  const load = async (path: string, agent: Agent | false) => {
    while (goesOn) {
      await served.ask(path, agent);
      answered++;
    }
  };
  const clients = Promise.all([load('/', false), load('/', false), load('/', kept), load('/slow', false)]);
  for (const generation of [2, 3, 4]) {
    if (way === 'SIGHUP') process.kill(running.pid, 'SIGHUP');
    else {
      const { code, text } = await elsewhere.says('reload', `${running.pid}`);
      expect({ code, text }).toEqual({ code: 0, text: `generation ${generation} serves\n` });
    }
    await running.line(new RegExp(`reload: generation ${generation} serves`));
    await running.lines(2, new RegExp(`worker \\d gen ${generation - 1} pid \\d+: exited \\(exit status 0\\)`));
  }
  goesOn = false;
  await clients;
  expect(answered).toBeGreaterThan(50);
  const workers = await served.workers();
  expect(workers.map(({ worker }) => worker.generation)).toEqual([4, 4]);
});

test('a reload to an app that fails leaves the old workers in place, and says so', async () => {
  const elsewhere = new Elsewhere();
  const app = join(elsewhere.folder, 'app.cjs');
  const code = "require('node:http').createServer((_, answer) => answer.end('1')).listen(0, '127.0.0.1');";
  writeFileSync(app, code);
  const running = await elsewhere.prefork(['start', '-w', '2', app]);
  const [, port] = await running.line(/serving on 127\.0\.0\.1:(\d+) with/);
  writeFileSync(app, "throw new Error('broken')");
  expect(await elsewhere.says('reload')).toEqual({
    code: 1,
    text: 'prefork: the reload failed: a worker ended before it listened (exit status 1); what served serves on\n',
  });
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('1');
});

test('a reload that a stop cuts off has not failed, and nothing serves on', async () => {
  const elsewhere = new Elsewhere();
  const app = join(elsewhere.folder, 'app.cjs');
  writeFileSync(app, "require('node:http').createServer().listen(0, '127.0.0.1');");
  const running = await elsewhere.prefork(['start', '-w', '1', app]);
  await running.line(/serving on/);
  writeFileSync(app, "console.log('loads'); setInterval(() => {}, 1000);");
  const reload = elsewhere.says('reload', `${running.pid}`);
  await running.line(/^loads$/);
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
  expect(running.text).toMatch(/reload: generation 2 is loaded/);
  expect(running.text).not.toMatch(/failed|serves on/);
  expect(await reload).toEqual({
    code: 1,
    text: expect.stringMatching(`^prefork: server ${running.pid} (is about to end|has ended)\n$`),
  });
});

test('SIGTTIN and SIGTTOU change the number of workers, of which one always stays, also over a reload', async () => {
  const elsewhere = new Elsewhere();
  const served = await elsewhere.serve();
  const { running } = served;
  const expectSlots = async (...slots: number[]) => {
    const workers = await served.workers();
    expect(workers.map(({ worker }) => worker.slot).sort()).toEqual(slots);
  };
  process.kill(running.pid, 'SIGTTIN');
  await running.line(/target is 3 workers/);
  await running.line(/worker 2 gen 1 pid \d+: ready/);
  await expectSlots(0, 1, 2);
  expect((await elsewhere.says('reload')).code).toBe(0);
  await running.lines(3, /worker \d gen 1 pid \d+: exited/);
  await expectSlots(0, 1, 2);
  for (const left of [2, 1]) {
    process.kill(running.pid, 'SIGTTOU');
    await running.line(new RegExp(`target is ${left} worker`));
    await running.line(new RegExp(`worker ${left} gen 2 pid \\d+: exited`));
  }
  process.kill(running.pid, 'SIGTTOU'); // Nothing comes of it.
  await expectSlots(0);
  process.kill(running.pid, 'SIGTTIN');
  await running.line(/target is 2 workers/);
  await running.lines(2, /worker 1 gen 2 pid \d+: ready/);
  await expectSlots(0, 1);
});

test('stop answers what is in flight, ends all, and leaves nothing behind', async () => {
  const elsewhere = new Elsewhere();
  const pidfile = join(elsewhere.folder, 'pid');
  const served = await elsewhere.serve(['--pidfile', pidfile]);
  const { pid } = served.running;
  expect(readFileSync(pidfile, 'utf8')).toBe(`${pid}\n`);
  expect(statSync(join(elsewhere.folder, `prefork-${pid}.sock`)).mode & 0o777).toBe(0o600);
  const kept = new Agent({ keepAlive: true });
  onTestFinished(() => kept.destroy());
  await served.ask('/', kept);
  const late = served.ask('/slow');
  await sleep(100); // The request has no event before its answer.
  expect(await elsewhere.says('stop', '--pidfile', pidfile)).toEqual({ code: 0, text: `server ${pid} has ended\n` });
  expect((await late).preforked).toBe(true);
  expect(await served.running.closed).toEqual({ code: 0, signal: null });
  await elsewhere.expectNothingLeft(served);
});

test.each([
  { signal: 'SIGTERM', status: 0 },
  { signal: 'SIGINT', status: 130 },
] as const)('$signal ends it with exit status $status', async ({ signal, status }) => {
  const elsewhere = new Elsewhere();
  const served = await elsewhere.serve();
  process.kill(served.running.pid, signal);
  expect(await served.running.closed).toEqual({ code: status, signal: null });
  await elsewhere.expectNothingLeft(served);
});

test('an app with listeners for SIGTERM ends itself, at a reload and at the end', async () => {
  const elsewhere = new Elsewhere();
  const served = await elsewhere.serve([], { APP_SIGTERM: '1' });
  expect((await elsewhere.says('reload')).code).toBe(0);
  await served.running.lines(2, /the app of \d+ ends/);
  expect((await elsewhere.says('stop')).code).toBe(0);
  await served.running.lines(2, /the app of \d+ ends/);
  await elsewhere.expectNothingLeft(served);
});

test('a primary that is killed takes its workers along, and the next command its socket', async () => {
  const elsewhere = new Elsewhere();
  const served = await elsewhere.serve();
  process.kill(served.running.pid, 'SIGKILL');
  await served.running.closed;
  expect(await elsewhere.says('stop')).toEqual({ code: 1, text: "prefork: no prefork server of this user's runs\n" });
  await elsewhere.expectNothingLeft(served);
});

test('--max-requests has a successor serve before the worker leaves', async () => {
  const served = await new Elsewhere().serve(['--max-requests', '3']);
  for (let n = 0; n < 12; n++) await served.ask();
  await served.running.lines(2, /worker \d gen 1 pid \d+: exited \(exit status 0\)/);
  expect(await served.workers()).toHaveLength(2);
});

test('--max-requests has another successor follow where one does not start', async () => {
  const elsewhere = new Elsewhere();
  const broken = join(elsewhere.folder, 'broken');
  const served = await elsewhere.serve(['--max-requests', '3'], { APP_FAILS_WITH: broken });
  writeFileSync(broken, '');
  for (let n = 0; n < 12; n++) await served.ask();
  await served.running.lines(2, /worker \d gen 1 pid \d+: died \(exit status 1\)/);
  rmSync(broken);
  await served.running.lines(2, /worker \d gen 1 pid \d+: exited \(exit status 0\)/);
  expect(await served.workers()).toHaveLength(2);
});

test("--listen goes before the app's address", async () => {
  const elsewhere = new Elsewhere();
  const path = join(elsewhere.folder, 'app.sock');
  const running = await elsewhere.prefork(['start', '-w', '1', '--listen', `unix:${path}`, APP]);
  await running.line(/serving on .*app\.sock with 1 worker$/);
  expect(existsSync(path)).toBe(true);
});

test('an app that does not load ends it', async () => {
  const elsewhere = new Elsewhere();
  const running = await elsewhere.prefork(['start', '-w', '2', APP], { APP_FAILS: '1' });
  expect(await running.closed).toEqual({ code: 1, signal: null });
  expect(running.text).toMatch(/stopping: the app does not start: a worker ended before it listened \(exit status 1\)/);
  expect(readdirSync(elsewhere.folder)).toEqual([]);
});

test('a socket that another user has made is not used', async () => {
  const elsewhere = new Elsewhere();
  const path = join(elsewhere.folder, 'prefork-1234567.sock');
  copyFileSync(APP, path);
  chmodSync(path, 0o600);
  expect((await elsewhere.says('stop', '1234567')).text).toBe(
    "prefork: process 1234567 is no prefork server of this user's\n",
  );
  expect(existsSync(path)).toBe(true);
});

test.each([
  { args: ['check', APP] },
  { args: ['inspect'] },
  { args: ['view'] },
  { args: ['status'] },
  { args: ['scale', '2'] },
  { args: ['echo', '--port', '0'] },
  { args: ['lesson', '1'] },
])('$args.0 refuses by name', async ({ args }) => {
  expect(await new Elsewhere().says(...args)).toEqual({
    code: 1,
    text: expect.stringMatching(/^prefork: prefork needs Linux on x86-64 or aarch64; this is .*\n$/),
  });
});

test('prefork/posix and serve() refuse with their code', async () => {
  const elsewhere = new Elsewhere();
  const script = join(elsewhere.folder, 'script.mjs');
  const dist = join(import.meta.dirname, '../../../dist');
  writeFileSync(
    script,
    `import { fork } from '${dist}/posix/index.js';
     import { serve } from '${dist}/index.js';
     for (const use of [fork, () => serve({ app: 'app.mjs' })]) {
       try { await use(); } catch (error) { console.log(error.code); }
     }`,
  );
  const running = await startNode([script], { env: elsewhere.env });
  await running.closed;
  expect(running.text).toBe('ERR_PREFORK_UNSUPPORTED\nERR_PREFORK_UNSUPPORTED\n');
});
