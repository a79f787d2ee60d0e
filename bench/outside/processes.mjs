// Starts what is compared, and ends it with all its processes, also when the run is broken off.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilAnswered } from '../servers/client.mjs';
import { tree } from '../servers/tree.mjs';

const DEADLINE = 60_000;
const SOURCES = resolve(import.meta.dirname, '../yardstick');
const COMPILER = process.env.CC ?? 'cc';

const running = new Set();
const folders = new Set();
process.on('exit', () => {
  for (const { pid } of running) killTree(pid);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
  process.on(signal, () => process.exit(status));

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

/** A server of ECHO that is ready: its port, its first process, and end(). */
export async function startEcho(contestant, setup) {
  const [words, environment] = contestant.command(setup);
  const server = launch(words, environment);
  const lines = createInterface({ input: server.stdout });
  const ports = [];
  const ready = new Promise((done) => {
    lines.on('line', (line) => {
      const port = /^Listening on .*?:(\d+)/.exec(line)?.[1];
      if (port !== undefined && ports.push(Number(port)) === (contestant.each ? setup.workers : 1)) done();
    });
  });
  await inTime(server, () => ready);
  return { pid: server.pid, port: ports[0], end: () => end(server) };
}

/** A server of HTTP of which all workers have answered: its port, its first process, and end(). */
export async function startHttp(contestant, setup) {
  const port = await freePort();
  const [words, environment] = contestant.command({ ...setup, port });
  const server = launch(words, environment);
  server.stdout.resume();
  await inTime(server, (signal) => answered(contestant, port, setup.workers, signal));
  return { pid: server.pid, port, end: () => end(server) };
}

/**
 * What the client in C says of a load, for so many seconds, or until each client has done as much as `most`.
 * @throws Error with what went wrong, in one line
 */
export async function measure(folder, load, port, { seconds, clients, most }) {
  const client = launch([join(folder, 'client'), load, port, seconds, clients, ...(most ? [most] : [])]);
  const [said] = await Promise.all([text(client.stdout), once(client, 'close')]);
  running.delete(client);
  if (client.exitCode !== 0) throw new Error(client.complaint.trim() || `the client was ended by ${client.signalCode}`);
  return JSON.parse(said);
}

function launch([program, ...args], environment = {}) {
  const env = { ...process.env, ...environment };
  const options = { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] };
  const started = spawn(program, args.map(String), options);
  running.add(started);
  started.complaint = '';
  // Its beginning says what is wrong; all is read, so that nobody waits for room.
  started.stderr.setEncoding('utf8').on('data', (data) => {
    if (started.complaint.length < 2000) started.complaint += data;
  });
  return started;
}

async function inTime(server, ready) {
  const late = new AbortController();
  try {
    await Promise.race([
      ready(late.signal),
      once(server, 'exit', { signal: late.signal }).then(([status]) => {
        throw new Error(`it ended with ${status}: ${gist(server.complaint)}`);
      }),
      sleep(DEADLINE, undefined, { signal: late.signal }).then(() => {
        throw new Error(`it was not ready after ${DEADLINE / 1000} s`);
      }),
    ]);
  } catch (error) {
    await end(server);
    throw error;
  } finally {
    late.abort();
  }
}

function gist(complaint) {
  const lines = complaint.trim().split('\n');
  return lines.find((line) => /Err(or|no)/.test(line)) ?? lines.at(-1);
}

async function answered({ single, anonymous }, port, workers, signal) {
  const ask = () => fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
  while (
    !(await ask().then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await sleep(50, undefined, { signal });
  if (anonymous) return;
  const count = single ? 1 : workers;
  const seen = await untilAnswered(port, count, { concurrency: workers });
  if (seen.size < count) throw new Error(`only ${seen.size} of ${count} workers have answered`);
}

async function end(server) {
  const members = killTree(server.pid);
  running.delete(server);
  while (members.some((pid) => existsSync(`/proc/${pid}`))) await sleep(20);
}

// Stopped first: a master that goes on would replace what is killed. Its group is what it leaves behind if it has died.
function killTree(root) {
  signal(root, 'SIGSTOP');
  const members = tree(root);
  for (const pid of [...members, -root]) signal(pid, 'SIGKILL');
  return members;
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

// Below those that connections take for themselves: one of these could be gone again when the server asks for it.
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((done) => {
    const server = createServer().once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
