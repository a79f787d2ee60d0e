import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStat } from '../proc/process.js';
import { readServer } from '../scoreboard/index.js';
import type { EchoOptions } from '../tutorial/event-loop/options.js';
import { packageFile } from '../util/package-files.js';
import { ask } from './clients/ask.js';
import { Program } from './program.js';
import type { App, Model, Server } from './scenario.js';

export interface StartOptions extends Pick<Server, 'model' | 'app' | 'workers'> {
  /** Logs no clients and lines. */
  readonly quiet: boolean;
  /** The http app, which prints 'Listening on' as an event loop; the comparison's own by default. */
  readonly program?: string;
  /** Further ones of prefork start. */
  readonly flags?: readonly string[];
  readonly nodeFlags?: readonly string[];
}

/** How often it is asked whether it answers yet, in milliseconds. */
const PAUSE = 5;

/** What each model says when all its workers serve. */
const READY: Readonly<Record<Model, RegExp>> = {
  prefork: /^Listening on .* children /,
  start: /: serving on /,
  cluster: /^Listening on .* children /,
  'cluster-none': /^Listening on .* children /,
  'event-loop': /^Listening on /,
};

export const PREFORK = packageFile('dist/cli/main.js');
const ECHO_WORKER = packageFile('dist/tutorial/event-loop/worker.js');
export const HTTP_APP = packageFile('dist/compare/programs/app.js');
export const CLUSTER = packageFile('dist/compare/programs/cluster.js');

/** Starts a server and waits until all its workers serve. @throws Error with what it said last when it does not */
export async function startServer(options: StartOptions): Promise<Server> {
  const { model, app, workers, nodeFlags = [] } = options;
  const port = await freePort();
  const program = new Program([process.execPath, ...nodeFlags, ...commandLine(options, port)], { PORT: `${port}` });
  const { pid: root, started } = program;
  const others: Server[] = [];
  const since = () => performance.now() - started;
  const [all, answer] = await program.ready((late) =>
    Promise.all([program.line(READY[model]).then(since), untilAnswer(port, app, late).then(since)]),
  );
  return {
    ...{ model, app, workers, port, root, started, took: { answer, all } },
    serving: () => servingOf(model, program),
    members: () => program.members(),
    log: () => program.said,
    async another(count) {
      const other = await startServer({ ...options, workers: count });
      others.push(other);
      return other;
    },
    async end() {
      await program.end();
      for (const other of others) await other.end();
    },
  };
}

/** On 127.0.0.1. Below those that connections take for themselves: one of these could be gone again when it is asked for. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').catch(() => false);
    server.close();
    if (isFree) return port;
  }
}

async function untilAnswer(port: number, app: App, late: AbortSignal): Promise<void> {
  while ((await ask(port, app)) === undefined && !late.aborted) await sleep(PAUSE);
}

function servingOf(model: Model, program: Program): number[] {
  const root = program.pid;
  if (model === 'event-loop') return [root];
  if (model === 'start') return readServer(root).workers.flatMap(({ pid }) => (pid === 0 ? [] : [pid]));
  return program.members().filter((pid) => readStat(pid)?.parent === root);
}

/** Node's arguments; the http app takes its port from the environment. */
function commandLine({ model, app, workers, quiet, program = HTTP_APP, flags = [] }: StartOptions, port: number) {
  if (model === 'start') {
    const address = { port, host: '127.0.0.1' };
    const options: EchoOptions = { address, backlog: 511, limits: { write: 30_000, idle: 0 }, quiet };
    const words = app === 'http' ? [program] : [ECHO_WORKER, '--', JSON.stringify(options)];
    return [PREFORK, 'start', '--workers', workers, ...flags, ...words];
  }
  if (app === 'echo') {
    const where = ['--host', '127.0.0.1', '--port', port];
    return [PREFORK, 'echo', '--model', model, '--workers', workers, ...where, ...(quiet ? ['--quiet'] : [])];
  }
  if (model === 'prefork') throw new Error('the echo server speaks no http');
  return model === 'event-loop' ? [program] : [CLUSTER, workers, model === 'cluster' ? 'round-robin' : 'none', program];
}
