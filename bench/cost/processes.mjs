// Starts what is measured, and ends it: families of a parent and its children, and programs that print one result.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAccepting } from './proc.mjs';

const PROGRAM = resolve(import.meta.dirname, '../../dist/cli/main.js');
const DEADLINE = 120_000;

const running = new Set();
// A run that is broken off leaves nothing behind: the children of both kinds end with their parent.
process.on('exit', () => {
  for (const parent of running) parent.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** The finished echo server without its log; `pids` begins with the parent. */
export async function preforkServer(workers) {
  const args = [PROGRAM, 'echo', '--quiet', '--host', '127.0.0.1', '--port', '0', '--workers', `${workers}`];
  const { line, end } = await start(args);
  const [, port, parent, children] = /:(\d+), parent (\d+), children (.*)/.exec(line);
  const family = { port: Number(port), pids: [parent, ...children.split(' ')].map(Number), end };
  await allAccepting(family);
  return family;
}

/** A plain Node with children that do nothing, by child_process.fork or node:cluster. */
export async function nodeFamily(kind, workers) {
  const { line, end } = await start([join(import.meta.dirname, 'idle-family.mjs'), kind, `${workers}`]);
  return { pids: JSON.parse(line), end };
}

/** Has each child serve one client: so many lines, each awaited before the next. */
export async function serveAll(family, lines) {
  const clients = family.pids.slice(1).map(() => connect(family.port, '127.0.0.1'));
  await Promise.all(clients.map((client) => talk(client, lines)));
  await allAccepting(family);
}

/** What a program prints: one line of JSON. */
export async function onlyJson(program, ...args) {
  const { line, exited } = await start([resolve(import.meta.dirname, '..', program), ...args.map(String)]);
  await exited;
  return JSON.parse(line);
}

async function start(args) {
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(parent);
  const exited = once(parent, 'exit').finally(() => running.delete(parent));
  const lines = createInterface({ input: parent.stdout });
  const signal = AbortSignal.timeout(DEADLINE);
  const [line] = await Promise.race([
    once(lines, 'line', { signal }),
    exited.then(([status]) => Promise.reject(new Error(`${args.join(' ')} ended with ${status} and said nothing`))),
  ]);
  return {
    line,
    exited,
    end: async () => {
      parent.kill();
      await exited;
    },
  };
}

async function allAccepting({ pids }) {
  for (const end = Date.now() + DEADLINE; !pids.slice(1).every(isAccepting); ) {
    if (Date.now() > end) throw new Error('the children do not accept');
    await sleep(20);
  }
}

function talk(client, lines) {
  const line = `${'x'.repeat(63)}\n`;
  let left = lines * line.length;
  return new Promise((done, fail) => {
    client.setNoDelay().on('error', fail).on('close', done);
    client.on('data', ({ length }) => {
      left -= length;
      if (left === 0) client.end('exit\n');
      else if (left % line.length === 0) client.write(line);
    });
    client.write(line);
  });
}
