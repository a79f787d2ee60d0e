// What the trials do in the emulated machine: ask systemd, look at processes, send requests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** @returns its exit status, and what it has written */
export async function run(program, ...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more) => (text += more));
  const [status] = await once(child, 'close');
  return { status, text };
}

/** systemctl(1), which is to succeed. */
export async function systemctl(...args) {
  const { status, text } = await run('systemctl', ...args);
  if (status !== 0) throw new Error(`systemctl ${args.join(' ')}: status ${status}: ${text.trim()}`);
}

/** Properties of a unit, by name: MainPID, StatusText, … */
export async function state(unit) {
  const names = ['ActiveState', 'SubState', 'StatusText', 'MainPID', 'NRestarts', 'Result'];
  const { text } = await run('systemctl', 'show', unit, '-p', names.join(','));
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

export async function journal(unit, ...args) {
  const { text } = await run('journalctl', '--no-pager', '-o', 'cat', '-u', unit, ...args);
  return text;
}

/** The processes of a service, as { pid, title }. */
export function processes(service) {
  const pids = attempt(() => readFileSync(`/sys/fs/cgroup/system.slice/${service}.service/cgroup.procs`, 'utf8'));
  return (pids ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const title = attempt(() => readFileSync(`/proc/${line}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
      return { pid: Number(line), title: title ?? '' };
    });
}

/** The pids of those processes that are prefork's of a role: monitor, zygote, worker, status. */
export function pidsOf(service, role) {
  return processes(service)
    .filter(({ title }) => title.startsWith(`prefork: ${role}`))
    .map(({ pid }) => pid);
}

/** The body of an answer with status 200, over a connection of its own. @param where a port or a path */
export function ask(where, path = '/', seconds = 30) {
  const place = typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { socketPath: where };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(seconds * 1000);
    const asked = request({ ...place, path, agent: false, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    asked.on('error', (error) => reject(new Error(`${where}${path}: ${error.message}`)));
    asked.end();
  });
}

/** Waits for something that is true. */
export async function until(what, look, seconds = 90) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(250);
  }
}

function attempt(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
