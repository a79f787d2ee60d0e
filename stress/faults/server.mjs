import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readServer } from '../../dist/scoreboard/index.js';
import { readJournal } from './judge.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const APP = new URL('app.mjs', import.meta.url);
const MARK = 'PREFORK_FAULTS_MARK';
const TIMEOUT_MS = 20_000;
/** Whatever runs is ended with this process. */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `prefork start` with an app of these tests. @param options.group in a process group of its own, which a terminal's signals reach as a whole */
export async function startServer(args = [], { port = 0, group = false, app = APP } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'prefork-faults-'));
  const [journal, path, mark] = [join(folder, 'journal'), join(folder, 'socket'), randomUUID()];
  writeFileSync(journal, '');
  const env = { ...process.env, FAULTS_JOURNAL: journal, FAULTS_PATH: path, FAULTS_PORT: `${port}`, [MARK]: mark };
  const stdio = ['ignore', 'inherit', 'pipe'];
  const child = spawn(process.execPath, [CLI, 'start', ...args, fileURLToPath(app)], { env, stdio, detached: group });
  running.add(child);
  const exited = once(child, 'exit').finally(() => running.delete(child));
  const server = new Server({ child, exited, folder, journal, path, mark });
  await server.serving();
  return server;
}

class Server {
  log = [];
  port = 0;

  constructor(parts) {
    Object.assign(this, parts);
    this.pid = this.child.pid;
    this.lines = createInterface({ input: this.child.stderr });
    this.lines.on('line', (line) => this.log.push(line));
  }

  async serving() {
    const find = () => this.log.map((line) => /serving on .*127\.0\.0\.1:(\d+)/.exec(line)).find(Boolean);
    const found = await this.until('it serves', find);
    this.port = Number(found[1]);
  }

  get status() {
    return readServer(this.pid);
  }

  get isAlive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get workers() {
    return this.status.workers;
  }

  /** Waits until `look` gives something; fails with the end of the log. */
  async until(what, look, timeoutMs = TIMEOUT_MS) {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      if (!this.isAlive) break;
      const found = look();
      if (found) return found;
      await sleep(3);
    }
    throw new Error(`waited in vain: ${what}; the log ends with\n${this.log.slice(-30).join('\n')}`);
  }

  /** Waits until as many workers as are wanted are ready, no other one is there, and a zygote is. */
  full(without = []) {
    return this.until('full strength', () => {
      const { description, workers } = this.status;
      const { zygote, target } = description;
      const isFull = workers.length === target && workers.every(({ state }) => state === 'ready');
      return isFull && zygote && ![zygote.pid, ...workers.map(({ pid }) => pid)].some((pid) => without.includes(pid));
    });
  }

  readJournal() {
    return readJournal(readFileSync(this.journal, 'latin1'));
  }

  /** Stops it gracefully. @returns what should not be: processes, a listening port, a path that are left */
  async stop() {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), TIMEOUT_MS);
    const [code, signal] = await this.exited;
    clearTimeout(timer);
    const left = [];
    if (code !== 0) left.push(`exit status ${code ?? signal}`);
    for (const pid of marked(this.mark)) left.push(`process ${pid}`);
    if (existsSync(this.path)) left.push(`path ${this.path}`);
    if (!(await isFree(this.port))) left.push(`port ${this.port}`);
    rmSync(this.folder, { recursive: true });
    return left;
  }
}

/** The processes, zombies excepted, that were started with this mark. */
function marked(mark) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(`${MARK}=${mark}`));
}

function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** Whether one can listen on the port. */
async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
