// A run of "prefork start" in the emulated machine, as a user sees it: requests, kill -9 of a worker and of the zygote,
// a reload, inspect, stop. The exit status is 1 when something was not as it should be.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SLOWNESS } from '../../stress/slowness.mjs';

const CLI = resolve(import.meta.dirname, '../../dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'serve-'));
writeFileSync(
  join(folder, 'app.mjs'),
  "import { createServer } from 'node:http';\ncreateServer((q, r) => r.end(String(process.pid))).listen(8080, '127.0.0.1');\n",
);
const args = ['start', 'app.mjs', '-w', '2', '--spawn-timeout', `${10 * SLOWNESS}s`];
const monitor = spawn(process.execPath, [CLI, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
let log = '';
for (const stream of [monitor.stdout, monitor.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
const timer = setTimeout(() => finish(new Error('not done in time')), 120_000 * SLOWNESS);

try {
  const first = await until('the workers answer', () => served(2));
  process.kill(first[0], 'SIGKILL');
  const second = await until('another worker answers', () => served(2, first[0]));
  console.log(`a worker killed: ${first} became ${second}`);
  const zygote = children().find((pid) => !second.includes(pid));
  process.kill(zygote, 'SIGKILL');
  await until('another zygote', () => children().some((pid) => ![zygote, ...second].includes(pid)));
  console.log(`the zygote ${zygote} killed: ${children()}`);
  console.log(execFileSync(process.execPath, [CLI, 'reload', `${monitor.pid}`], { encoding: 'utf8' }).trim());
  const third = await until('new workers answer', () => served(2, ...second));
  console.log(`reloaded: ${third}`);
  const inspected = execFileSync(process.execPath, [CLI, 'inspect', `${monitor.pid}`], { encoding: 'utf8' });
  console.log(inspected);
  assert.match(inspected, /epoll_pwait\(\d+\)/);
  assert.match(inspected, /tcp 127\.0\.0\.1:8080 LISTEN/);
  monitor.kill('SIGTERM');
  assert.deepEqual(await once(monitor, 'exit'), [0, null]);
  finish();
} catch (error) {
  finish(error);
}

/** The pids of as many workers as answer, without those that are to be gone; undefined when there are not as many. */
async function served(count, ...gone) {
  const pids = new Set();
  for (let i = 0; i < 10 && pids.size < count; i++) {
    const answer = await fetch('http://127.0.0.1:8080/', { headers: { connection: 'close' } }).catch(() => undefined);
    if (answer?.ok) pids.add(Number(await answer.text()));
  }
  return pids.size === count && gone.every((pid) => !pids.has(pid)) ? [...pids] : undefined;
}

function children() {
  const text = readFileSync(`/proc/${monitor.pid}/task/${monitor.pid}/children`, 'utf8');
  return text.trim().split(' ').map(Number);
}

async function until(what, look) {
  for (let rest = 500; rest > 0; rest--) {
    const seen = await look();
    if (seen) return seen;
    if (monitor.exitCode !== null) break;
    await sleep(10 * SLOWNESS);
  }
  throw new Error(`in vain: ${what}`);
}

function finish(error) {
  clearTimeout(timer);
  if (error) console.log(`${log}\n${error.stack}`);
  else console.log('served, replaced, reloaded, inspected, stopped');
  monitor.kill('SIGKILL');
  process.exit(error ? 1 : 0);
}
