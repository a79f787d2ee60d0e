// Starts an app in each of the ways that are compared, and ends it with all its processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tree } from './tree.mjs';

const PROGRAM = resolve(import.meta.dirname, '../../dist/cli/main.js');
const CLUSTER = join(import.meta.dirname, 'cluster.mjs');

/** What each is called with Node, and its environment. */
const WAYS = {
  node: (app) => [[app]],
  cluster: (app, workers) => [[CLUSTER, app, `${workers}`], { NODE_CLUSTER_SCHED_POLICY: 'rr' }],
  'cluster none': (app, workers) => [[CLUSTER, app, `${workers}`], { NODE_CLUSTER_SCHED_POLICY: 'none' }],
  prefork: (app, workers) => [[PROGRAM, 'start', '--workers', `${workers}`, app]],
  'prefork renewed': (app, workers) => [[PROGRAM, 'start', '--workers', `${workers}`, ...RENEWED, app]],
};
/** Sooner than by default: a run takes minutes, a service goes on for days. */
const RENEWED = ['--renew-memory', '12M', '--renew-interval', '10s'];

export const CONTESTANTS = Object.keys(WAYS);
/** Those of a run that names none. */
export const USUAL = ['node', 'cluster', 'cluster none', 'prefork'];

const running = new Set();
// A run that is broken off leaves nothing behind.
process.on('exit', () => {
  for (const root of running) root.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** @param app 'trivial' or 'heavy' @returns where it will serve, its root, and when it was started */
export async function launch(way, app, workers) {
  const port = await freePort();
  const [args, env] = WAYS[way](join(import.meta.dirname, `${app}.mjs`), workers);
  const start = performance.now();
  const root = spawn(process.execPath, args, { env: { ...process.env, ...env, PORT: `${port}` }, stdio: 'ignore' });
  running.add(root);
  const exited = once(root, 'exit');
  return {
    port,
    pid: root.pid,
    start,
    end: async () => {
      const members = tree(root.pid);
      root.kill('SIGKILL');
      await exited;
      running.delete(root);
      while (members.some((pid) => existsSync(`/proc/${pid}`))) await sleep(20);
    },
  };
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
