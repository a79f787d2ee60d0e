import type { NetConnectOpts } from 'node:net';
import { expect } from 'vitest';
import { type Running, startNode, startPrefork } from './process.js';

const SAY_LISTENING = './test/fixtures/cluster/say-listening.cjs';
const CLUSTER = 'test/fixtures/cluster/main.mjs';
const WORKERS = 2;

export type Runtime = 'node' | 'cluster' | 'prefork';

export interface Served {
  readonly running: Running;
  /** Where its first server listens. */
  readonly target: NetConnectOpts;
  /** Where its other servers do, in their order. */
  readonly others: readonly NetConnectOpts[];
}

export interface ServeOptions {
  readonly env?: (runtime: Runtime) => NodeJS.ProcessEnv;
  /** How many servers the app has. */
  readonly servers?: number;
}

/** Starts an app of test/fixtures/apps on free ports, and waits until all of its processes listen. */
export async function serveApp(runtime: Runtime, name: string, options: ServeOptions = {}): Promise<Served> {
  const { servers = 1 } = options;
  const env = options.env?.(runtime) ?? {};
  const app = `test/fixtures/apps/${name}`;
  if (runtime === 'prefork') {
    const running = await startPrefork(['start', '-w', `${WORKERS}`, app], { env });
    const [, addresses = ''] = await running.stderr.line(/serving on (.*) with 2 workers/);
    return served(running, addresses.split(', ').map(targetOf));
  }
  const processes = runtime === 'cluster' ? WORKERS : 1;
  const args = runtime === 'cluster' ? [CLUSTER, app] : ['--require', SAY_LISTENING, app];
  const running = await startNode(args, { env });
  const said = await running.stdout.lines(processes * servers, /^listening (\d+) (.*)/);
  const [first] = said.map(([, pid]) => pid);
  const ofFirst = said.filter(([, pid]) => pid === first);
  return served(
    running,
    ofFirst.map(([, , address = '']) => asTarget(JSON.parse(address))),
  );
}

/** Starts an app under each runtime: what is observed of it is the same. */
export async function expectSame<T>(name: string, options: ServeOptions, observe: (app: Served) => Promise<T>) {
  const [node, cluster, prefork] = await Promise.all([
    serveApp('node', name, options),
    serveApp('cluster', name, options),
    serveApp('prefork', name, options),
  ]);
  const expected = await observe(node);
  expect(await observe(cluster)).toEqual(expected);
  expect(await observe(prefork)).toEqual(expected);
  expect(prefork.running.text).not.toMatch(/died|killed/);
  return expected;
}

function served(running: Running, [target, ...others]: readonly NetConnectOpts[]): Served {
  if (target === undefined) throw new Error(`it listens nowhere:\n${running.text}`);
  return { running, target, others };
}

/** Where to connect for an address as prefork's log shows it: '[::]:8080', '127.0.0.1:8080' or a path. */
export function targetOf(address: string): NetConnectOpts {
  const [, port] = /:(\d+)$/.exec(address) ?? [];
  return asTarget(port === undefined ? address : { port: Number(port) });
}

function asTarget(address: string | { readonly port: number }): NetConnectOpts {
  return typeof address === 'string' ? { path: address } : { host: '127.0.0.1', port: address.port };
}
