import { fork } from 'node:child_process';
import { once } from 'node:events';
import { contextVariables } from '../monitor/start-context.js';
import { flagsForAnotherScript } from '../node/exec-argv.js';
import { withoutInspector } from '../node/flags.js';
import { binding } from '../posix/binding.js';
import { readOptions, type ServeOptions } from '../settings/index.js';
import { packageFile } from '../util/package-files.js';
import { Service } from './service.js';

const CLI = packageFile('dist/cli/main.js');

/**
 * Runs an app preforked: as `prefork start`, with the same options, in a process of its own that ends with this one.
 * @returns once all workers serve
 * @throws PreforkError ERR_PREFORK_UNSUPPORTED, ERR_PREFORK_INVALID_OPTION, ERR_PREFORK_LOAD_FAILED, ERR_PREFORK_BOOT_FAILED, …; an AbortError
 */
export async function serve(options: ServeOptions & { readonly signal?: AbortSignal }): Promise<Service> {
  const { signal, ...rest } = options;
  signal?.throwIfAborted();
  binding(); // It says why where there is no fork.
  const { NODE_OPTIONS: nodeOptions, ...env } = { ...process.env, ...rest.env };
  // The flags are the app's: the monitor, which hands them on, is started without any.
  const nodeFlags = withoutInspector({ argv: flagsForAnotherScript(process.execArgv), options: nodeOptions });
  const { app, args, options: checked } = readOptions(rest);
  const context = contextVariables({ nodeFlags, variablesOfFlags: [], options: checked });
  const monitor = fork(CLI, ['start', '--', app, ...args], { env: { ...env, ...context }, execArgv: [] });
  await once(monitor, 'spawn');
  const service = new Service(monitor);
  const abort = () => void service.close().catch(() => {});
  signal?.addEventListener('abort', abort, { once: true });
  monitor.once('exit', () => signal?.removeEventListener('abort', abort));
  try {
    await service.serving();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return service;
}
