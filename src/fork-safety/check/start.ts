import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { requireFirst, withoutInspector } from '../../node/flags.js';
import { packageFile } from '../../util/package-files.js';
import { type CheckMessage, type CheckOptions, VARIABLE } from './messages.js';
import { type Report, reportOf } from './report.js';

const MAIN = packageFile('dist/fork-safety/check/run.js');
/** Required before the modules that Node's flags name, and in the app's Workers. */
const FIRST = packageFile('dist/fork-safety/check/first.cjs');
/** The child's descriptor on which the messages come. */
const FD = 3;
/** How much longer than the app's own time all may take, in milliseconds: beforeFork and afterFork wait, too. */
const HOOKS_MS = 30_000;

/** What a check is asked for. */
type Options = Omit<CheckOptions, 'fd' | 'checker' | 'nodeFlags'>;

/** What the app's process has told, and how it ended, when not as it should. */
interface Told {
  readonly messages: readonly CheckMessage[];
  readonly ended: string | undefined;
}

/**
 * Loads an app in a process of its own, with the app's output on standard error, examines it, and compares two forks.
 * Where the app has connections that could be held, it is loaded once more, as `prefork start` does.
 */
export async function check(app: string, args: readonly string[], options: Options): Promise<Report> {
  const first = await load(app, args, options);
  const request = first.messages.find((message) => message.type === 'hold');
  if (request === undefined) return reportOf(app, first.messages, first.ended);
  const hold = [...new Set([...options.hold, ...request.destinations])];
  const { messages, ended } = await load(app, args, { ...options, hold, mayAskToHold: false });
  return reportOf(app, [request, ...messages], ended);
}

async function load(app: string, args: readonly string[], options: Options): Promise<Told> {
  // A debugger is this process's.
  const nodeFlags = withoutInspector({ argv: process.execArgv, options: process.env.NODE_OPTIONS });
  const told: CheckOptions = { ...options, fd: FD, checker: process.pid, nodeFlags };
  const flags = requireFirst(FIRST, nodeFlags);
  const env = {
    ...process.env,
    NODE_OPTIONS: flags.options,
    // libuv's io_uring rings are memory that a forked child would share with its parent.
    UV_USE_IO_URING: '0',
    [VARIABLE]: JSON.stringify(told),
  };
  const stdio = ['inherit', 2, 2, 'pipe'] as const;
  const loader = spawn(process.execPath, [...flags.argv, MAIN, app, ...args], { env, stdio: [...stdio] });
  const late = setTimeout(() => loader.kill('SIGKILL'), options.spawnTimeout + HOOKS_MS);
  const exit = once(loader, 'exit');
  const messages: CheckMessage[] = [];
  for await (const line of createInterface({ input: loader.stdio[FD] as Readable })) messages.push(JSON.parse(line));
  const [code, signal] = (await exit) as [number | null, NodeJS.Signals | null];
  clearTimeout(late);
  return { messages, ended: code === 0 ? undefined : (signal ?? `status ${code}`) };
}
