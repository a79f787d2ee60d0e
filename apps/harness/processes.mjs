// Starts programs that end with this process at the latest, and finds what they leave behind.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** The environment variable that marks all that a run starts, through fork and exec; its value is RUN or RUN/PART. */
const MARK = 'PREFORK_APPS_RUN';
const RUN = randomUUID();
export const IS_ROOT = userInfo().uid === 0;
/** The user that servers run as when root runs the suite: most of them refuse to be root. */
const ORDINARY = { user: 'nobody', group: 'nogroup' };

/** The text that a process writes, line by line. */
export class Output {
  text = '';
  lines = [];
  #rest = '';
  #onLine;

  constructor(stream, onLine = () => {}) {
    this.#onLine = onLine;
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => {
      this.text += chunk;
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) this.#add(line);
    });
    stream.on('close', () => {
      if (this.#rest !== '') this.#add(this.#rest);
      this.#rest = '';
    });
  }

  #add(line) {
    this.lines.push(line);
    this.#onLine(line);
  }
}

/**
 * Starts a program. It and its children carry the mark; the program itself is killed by the kernel when this process
 * ends, however that comes about (PR_SET_PDEATHSIG, by setpriv(1)).
 * @param {{ env?: object, cwd?: string, part?: string, ordinary?: boolean, onError?: (line: string) => void }} options
 *   part: a name under which leftovers() finds what came of it; ordinary: not as root; onError: told each line of
 *   standard error
 */
export function start(program, args, { env = {}, cwd, part = '', ordinary = false, onError } = {}) {
  const identity =
    ordinary && IS_ROOT ? [`--reuid=${ORDINARY.user}`, `--regid=${ORDINARY.group}`, '--clear-groups'] : [];
  const child = spawn('setpriv', [...identity, '--pdeathsig', 'KILL', program, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env, [MARK]: `${RUN}/${part}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C on the terminal is for the suite, which ends what it started in good order.
  });
  return {
    pid: child.pid,
    stdout: new Output(child.stdout),
    stderr: new Output(child.stderr, onError),
    /** The end of the process: its status, or the signal that ended it. */
    ended: new Promise((resolve) => {
      child.on('error', (error) => resolve({ code: null, signal: null, error }));
      child.on('exit', (code, signal) => resolve({ code, signal }));
    }),
    signal: (signal) => kill(child.pid, signal),
    get isRunning() {
      return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
    },
  };
}

/** Runs a program to its end. @returns its standard output; throws when it fails */
export async function run(program, args, { milliseconds = 300_000, ...options } = {}) {
  const running = start(program, args, options);
  const timer = setTimeout(() => running.signal('SIGKILL'), milliseconds);
  const { code, signal, error } = await running.ended;
  clearTimeout(timer);
  if (code === 0) return running.stdout.text;
  const how = error?.message ?? signal ?? `status ${code}`;
  throw new Error(
    `${[program, ...args].join(' ')}: ${how}\n${running.stdout.text}${running.stderr.text}`.slice(-20_000),
  );
}

/** A folder's new owner, if root is to hand it over: see `ordinary`. */
export async function handOver(folder) {
  if (IS_ROOT) await run('chown', ['-R', `${ORDINARY.user}:${ORDINARY.group}`, folder]);
}

/** The processes that carry this run's mark. @param part only those of this part */
export function leftovers(part) {
  const wanted = `\0${MARK}=${RUN}/${part === undefined ? '' : `${part}\0`}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => `\0${read(`/proc/${pid}/environ`)}`.includes(wanted) && !isZombie(pid));
}

/** Kills what carries this run's mark, by process id, and waits until it is gone. */
export async function endAll(part) {
  for (let left = leftovers(part); left.length > 0; left = leftovers(part)) {
    for (const pid of left) kill(pid, 'SIGKILL');
    await sleep(20);
  }
}

/** The same without waiting, for the end of this process. */
export function killAll() {
  for (const pid of leftovers()) kill(pid, 'SIGKILL');
}

/** @returns whether there was such a process */
export function kill(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

/** The environment, without what would change the behaviour of the apps. */
function cleanEnvironment() {
  const own = /^(PREFORK_|NODE_|PORT$|PG|REDIS|MYSQL|AMQP|RABBITMQ|OTEL_|DD_|npm_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

function isZombie(pid) {
  return /^\d+ \(.*\) [ZX]/s.test(read(`/proc/${pid}/stat`));
}

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // It is gone, or another user's.
  }
}
