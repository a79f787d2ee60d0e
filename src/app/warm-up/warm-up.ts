import type { Server } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '../../node/import-module.js';
import { type Hook, registry, type WarmUpAsk } from '../api/registry.js';
import type { Clients } from '../serving/clients.js';
import { isHttp1 } from '../serving/http.js';
import { WarmUpClient } from './warm-up-client.js';

export interface WarmUpOptions {
  /** The app's servers, oldest first: the first one that speaks HTTP/1 is asked. */
  readonly servers: readonly Server[];
  readonly clients: Clients;
  /** The path of --warm-up, from the working directory on. */
  readonly script: string | undefined;
  /** How long all of them together may take, in milliseconds. */
  readonly timeout: number;
  readonly warn: (message: string) => void;
}

/**
 * Runs the app's own requests against it in the zygote, so that workers are born with code that is compiled, and knows
 * the objects that it meets. What goes wrong there is warned of, and keeps nothing from serving.
 * @throws when the script cannot be loaded, or exports no function
 */
export async function runWarmUps({ servers, clients, script, timeout, warn }: WarmUpOptions): Promise<void> {
  const hooks = [...(registry().warmUp ?? [])];
  if (script !== undefined) hooks.push({ run: await load(script), place: script });
  if (hooks.length === 0) return;
  const server = servers.find(isHttp1);
  if (server === undefined) {
    warn('there is no warm-up: no server of the app that speaks HTTP/1 waits for clients');
    return;
  }
  const client = new WarmUpClient({ server, clients, warn });
  const end = performance.now() + timeout;
  for (const hook of hooks) await run(hook, client.ask, end - performance.now(), warn);
  await client.close();
}

async function load(script: string): Promise<Hook<[WarmUpAsk]>['run']> {
  let run: unknown;
  try {
    ({ default: run } = (await importModule(pathToFileURL(resolve(script)).href)) as { default: unknown });
  } catch (cause) {
    throw new Error(`cannot load ${script} of --warm-up: ${(cause as Error).message}`, { cause });
  }
  if (typeof run === 'function') return run as Hook<[WarmUpAsk]>['run'];
  throw new Error(`${script} of --warm-up is to export a function by default: export default async (request) => …`);
}

async function run(
  hook: Hook<[WarmUpAsk]>,
  ask: WarmUpAsk,
  timeout: number,
  warn: (message: string) => void,
): Promise<void> {
  const name = `the warm-up of ${hook.place ?? 'an unknown place'}`;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((done) => {
    timer = setTimeout(done, Math.max(0, timeout), true);
  });
  try {
    const ended = Promise.resolve(ask).then(hook.run);
    if (await Promise.race([ended, late])) warn(`${name} has not ended within --spawn-timeout, and is not waited for`);
  } catch (error) {
    warn(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
