import { fileURLToPath } from 'node:url';
import type { EchoOptions } from '../../tutorial/event-loop/options.js';
import type { Model } from '../models.js';
import type { App } from './server.js';

export interface StartOptions {
  readonly model: Model;
  readonly app: App;
  readonly workers: number;
  /** Logs no clients and lines. */
  readonly quiet: boolean;
}

/** What each model says when all its workers serve. */
export const READY: Readonly<Record<Model, RegExp>> = {
  prefork: /^Listening on .* children /,
  start: /: serving on /,
  cluster: /^Listening on .* children /,
  'cluster-none': /^Listening on .* children /,
  'event-loop': /^Listening on /,
};

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const PREFORK = path('../../cli/main.js');
const ECHO_WORKER = path('../../tutorial/event-loop/worker.js');
const HTTP_APP = path('../programs/app.js');
const CLUSTER = path('../programs/cluster.js');

/** Node's arguments; the http app takes its port from the environment. */
export function commandLine(options: StartOptions, port: number): string[] {
  return options.app === 'http' ? http(options) : echo(options, port);
}

function http({ model, workers }: StartOptions): string[] {
  switch (model) {
    case 'prefork':
      throw new Error('the echo server speaks no http');
    case 'start':
      return [PREFORK, 'start', '--workers', `${workers}`, HTTP_APP];
    case 'cluster':
    case 'cluster-none':
      return [CLUSTER, `${workers}`, model === 'cluster' ? 'round-robin' : 'none', HTTP_APP];
    case 'event-loop':
      return [HTTP_APP];
  }
}

function echo({ model, workers, quiet }: StartOptions, port: number): string[] {
  if (model === 'start') {
    const address = { port, host: '127.0.0.1' };
    const options: EchoOptions = { address, backlog: 511, limits: { write: 30_000, idle: 0 }, quiet };
    return [PREFORK, 'start', '--workers', `${workers}`, ECHO_WORKER, '--', JSON.stringify(options)];
  }
  const where = ['--host', '127.0.0.1', '--port', `${port}`];
  return [PREFORK, 'echo', '--model', model, '--workers', `${workers}`, ...where, ...(quiet ? ['--quiet'] : [])];
}
