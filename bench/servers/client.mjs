// The clients: one that asks who answers, many times a second, and wrk.
import { execFile } from 'node:child_process';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/** A connection that died with its worker is not waited for, in milliseconds. */
const PATIENCE = 2000;
/** Where each request counts, a busy machine is waited for. */
const LONG_PATIENCE = 60_000;
/** Of the requests that look for answers, a second. */
const RATE = 2000;

/** One request on a connection of its own. @returns the process that answered, undefined when none did */
export function ask(port, patience = PATIENCE) {
  return new Promise((resolve) => {
    let text = '';
    const client = connect(port, '127.0.0.1', () => client.write(REQUEST));
    client.setTimeout(patience, () => client.destroy());
    client.setEncoding('latin1').on('data', (data) => {
      text += data;
    });
    client.on('error', () => {});
    client.on('close', () => resolve(Number(/^pid: (\d+)/m.exec(text)?.[1]) || undefined));
  });
}

/**
 * Asks until so many processes have answered.
 * @param known processes that do not count
 * @returns when each answered first, by its id, in milliseconds of performance.now(); fewer at the deadline
 */
export async function untilAnswered(port, count, { known = new Set(), concurrency = count, deadline = 60_000 } = {}) {
  const seen = new Map();
  const end = performance.now() + deadline;
  const pause = (concurrency / RATE) * 1000;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (seen.size < count && performance.now() < end) {
        const pid = await ask(port);
        if (pid !== undefined && !known.has(pid) && !seen.has(pid)) seen.set(pid, performance.now());
        await sleep(pause);
      }
    }),
  );
  return seen;
}

/** So many requests, some at a time, each on a connection of its own or on some that are kept. */
export async function askMany(port, count, { concurrency = 32, keepAlive = false } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const askOne = keepAlive ? () => askKept(port, agent) : () => ask(port, LONG_PATIENCE);
  let left = count;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) if ((await askOne()) === undefined) throw new Error('a request was not answered');
    }),
  );
  agent.destroy();
}

/** @returns the process that answered */
function askKept(port, agent) {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, agent }, (response) => {
      response.resume().on('end', () => resolve(Number(response.headers.pid)));
    });
    request.on('error', reject);
  });
}

/** @returns how many requests, how many of them failed, how many a second, and their 99th percentile in milliseconds */
export async function wrk(port, { seconds, connections, keepAlive }) {
  const close = keepAlive ? [] : ['-H', 'Connection: close'];
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...close, `http://127.0.0.1:${port}/`];
  const { stdout } = await promisify(execFile)('wrk', args);
  const number = (pattern) => Number(pattern.exec(stdout)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
  const [, p99, unit] = /^ +99% +([\d.]+)(us|ms|s)$/m.exec(stdout);
  return {
    requests: number(/(\d+) requests in/),
    failed: errors.map(Number).reduce((sum, each) => sum + each, number(/Non-2xx or 3xx responses: (\d+)/)),
    perSecond: number(/Requests\/sec: +([\d.]+)/),
    p99: Number(p99) * { us: 1e-3, ms: 1, s: 1e3 }[unit],
  };
}
