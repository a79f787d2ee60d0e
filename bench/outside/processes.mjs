// Starts what is compared; all of it ends with this process, also when the run is broken off.
import { execFileSync } from 'node:child_process';
import { chmodSync, constants, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, untilAnswered } from '../../dist/compare/clients/ask.js';
import { exitOnSignals, Program } from '../../dist/compare/program.js';
import { freePort } from '../../dist/compare/server.js';

const SOURCES = resolve(import.meta.dirname, '../yardstick');
const COMPILER = process.env.CC ?? 'cc';

const folders = new Set();
// Behind the harness, which ends the programs there.
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
exitOnSignals();

/**
 * A folder with the compiled yardstick and its client, and a copy of Node: the memory of the servers' program file is
 * then shared by them alone, and not with the Node that measures. It is gone when this process ends.
 */
export function prepare() {
  const folder = mkdtempSync(join(tmpdir(), 'outside-'));
  folders.add(folder);
  chmodSync(folder, 0o755); // Apache's workers are another user when we are root.
  for (const name of ['prefork', 'client']) {
    compile(join(SOURCES, `${name}.c`), join(folder, name));
  }
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE);
  return { folder, node };
}

function compile(source, program) {
  try {
    execFileSync(COMPILER, ['-O2', '-pthread', '-o', program, source]);
  } catch (cause) {
    if (cause.code !== 'ENOENT') throw cause;
    throw new Error(`${COMPILER}, for the yardstick and the client, is not installed; apt-get install gcc`, { cause });
  }
}

/** A server of ECHO that is ready, and its port. */
export async function startEcho({ command, ready = /^Listening on .*?:(\d+)/ }, setup) {
  const program = new Program(...command(setup));
  const [, port] = await program.ready(() => program.line(ready));
  return { program, port: Number(port) };
}

/** A server of HTTP of which all workers have answered, and its port. */
export async function startHttp({ command, single, anonymous }, setup) {
  const port = await freePort();
  const program = new Program(...command({ ...setup, port }));
  await program.ready(async (late) => {
    while (!late.aborted && !/^HTTP\/1\.\d 200 /.test((await ask(port, 'http')) ?? '')) await sleep(50);
    if (anonymous || late.aborted) return;
    const count = single ? 1 : setup.workers;
    const seen = await untilAnswered(port, count, { clients: setup.workers });
    if (seen.size < count) throw new Error(`only ${seen.size} of ${count} workers have answered`);
  });
  return { program, port };
}

/**
 * What the client in C says of a load, for so many seconds, or until each client has done as much as `most`.
 * @throws Error with what went wrong, in one line
 */
export async function measure(folder, load, port, { seconds, clients, most }) {
  const client = new Program([join(folder, 'client'), load, port, seconds, clients, ...(most ? [most] : [])]);
  try {
    const [said] = await client.line(/^\{.*\}$/);
    return JSON.parse(said);
  } finally {
    await client.end();
  }
}
