import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import { joinOptions, splitOptions } from '../node/flags.js';

/**
 * Has Workers that this thread starts require a module first. The others have it by the flags of this process: those
 * that are given flags or an environment of their own would not.
 */
export function followIntoWorkers(module: string): void {
  const Worker = new Proxy(workerThreads.Worker, {
    construct: (target, [script, options, ...rest], newTarget) =>
      Reflect.construct(target, [script, withModule(module, options), ...rest], newTarget),
  });
  Object.assign(workerThreads, { Worker });
  syncBuiltinESMExports();
}

/** To be called in such a Worker: shows its flags as they were given. */
export function hideModule(module: string): void {
  const flags = ['--require', module];
  const { execArgv, env } = process;
  if (execArgv[0] === flags[0] && execArgv[1] === flags[1]) execArgv.splice(0, 2);
  const ours = joinOptions(flags);
  if (env.NODE_OPTIONS === ours) delete env.NODE_OPTIONS;
  else if (env.NODE_OPTIONS?.startsWith(`${ours} `)) env.NODE_OPTIONS = env.NODE_OPTIONS.slice(ours.length + 1);
}

function withModule(module: string, options: WorkerOptions | undefined): WorkerOptions | undefined {
  const flags = ['--require', module];
  if (Array.isArray(options?.execArgv)) return { ...options, execArgv: [...flags, ...options.execArgv] };
  const env = options?.env;
  if (typeof env !== 'object' || env === null) return options;
  // Without flags of its own it has those of its environment alone.
  return { ...options, env: { ...env, NODE_OPTIONS: joinOptions([...flags, ...splitOptions(env.NODE_OPTIONS)]) } };
}
