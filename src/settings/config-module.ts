import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { deserialize } from 'node:v8';
import { flagsForAnotherScript } from '../node/exec-argv.js';

/** How long a config file may take to run, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** Where the program below writes what it has found: an error's message, or the default export. */
const RESULT_FD = 3;

/** How often it is looked whether the process that reads the config file is still there, in milliseconds. */
const WATCH_INTERVAL_MS = 200;

/** In a thread of its own, since the config file may compute or block for ever, and the time limit is its reader's. */
const WATCHDOG = `
  const { ppid } = require('node:worker_threads').workerData;
  setInterval(() => {
    if (process.ppid !== ppid) process.kill(process.pid, 'SIGKILL');
  }, ${WATCH_INTERVAL_MS});`;

/** Given as text, not as a file: prefork's own files may have been removed since the start. */
const PROGRAM = `
  import { writeSync } from 'node:fs';
  import { serialize } from 'node:v8';
  import { Worker } from 'node:worker_threads';
  const workerData = { ppid: Number(process.argv[2]) };
  new Worker(${JSON.stringify(WATCHDOG)}, { eval: true, execArgv: [], env: {}, workerData }).unref();
  setTimeout(() => process.exit(1), ${TIMEOUT_MS}).unref();
  const found = await import(process.argv[1]).then(
    ({ default: value }) => (typeof value === 'function' ? {} : { value }),
    (error) => ({ error: String(error?.message ?? error) }),
  );
  let bytes;
  try {
    bytes = serialize(found);
  } catch (error) {
    bytes = serialize({ error: error.message });
  }
  for (let done = 0; done < bytes.length; ) done += writeSync(${RESULT_FD}, bytes, done);
  process.exit();`;

/**
 * A module's default export, copied. The module runs in a fresh Node: read again, it and what it imports are loaded
 * again, and what it changes or leaves open stays there.
 * @param folder the working directory, where it exists
 */
export function readModule(file: string, folder: string): unknown {
  const { spawnSync } = process.getBuiltinModule('node:child_process'); // Here, as most starts need none of it.
  const { error, signal, status, output } = spawnSync(
    process.execPath,
    [
      ...[...flagsForAnotherScript(process.execArgv), '--input-type=module', '-e', PROGRAM],
      ...[pathToFileURL(file).href, `${process.pid}`],
    ],
    {
      ...(existsSync(folder) && { cwd: folder }),
      env: { ...process.env, PWD: folder },
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    },
  );
  const bytes = output?.[RESULT_FD] as unknown as Buffer | undefined;
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') {
    throw new Error(`it took longer than ${TIMEOUT_MS / 1000} s`);
  }
  if (error !== undefined) throw error;
  if (bytes === undefined || bytes.length === 0) throw new Error(`it ended with ${signal ?? `exit status ${status}`}`);
  const found = deserialize(bytes) as { readonly value?: unknown; readonly error?: string };
  if (found.error !== undefined) throw new Error(found.error);
  return found.value;
}
