import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../scenario.js';

/** One exchange, after which the server closes the connection. */
const QUESTION: Readonly<Record<App, string>> = {
  echo: 'hello\nexit\n',
  http: 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
};
/** A connection that died with its process is not waited for. */
const ANSWER_TIMEOUT_MS = 5000;
/** All clients of untilAnswered() together, a second: they are to see it soon, and not to keep the processors from it. */
const RATE = 2000;

/** What a server answers on a connection of its own; undefined when it refuses, breaks off or is silent. */
export function ask(port: number, app: App, question = QUESTION[app]): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const client = connect({ port, host: '127.0.0.1', timeout: ANSWER_TIMEOUT_MS }, () => client.write(question));
    client.setEncoding('latin1').on('data', (text) => {
      answer += text;
    });
    client.on('timeout', () => client.destroy());
    client.on('error', () => {
      answer = '';
    });
    client.on('close', () => resolve(answer === '' ? undefined : answer));
  });
}

/** Which process answered an http request; undefined when none did. */
export async function askWho(port: number): Promise<number | undefined> {
  const found = /^pid: (\d+)/im.exec((await ask(port, 'http')) ?? '');
  return found === null ? undefined : Number(found[1]);
}

interface Asking {
  /** Processes that do not count. */
  readonly known?: ReadonlySet<number>;
  /** Clients at a time, each of which asks again on a connection of its own. */
  readonly clients?: number;
  readonly timeoutMs?: number;
}

/**
 * Asks until so many processes have answered http requests. A connection that was lost with its process is not waited for.
 * @returns when each answered first, by performance.now(): fewer when the time is over
 */
export function untilAnswered(
  port: number,
  count: number,
  { known = new Set(), clients = count, timeoutMs = 60_000 }: Asking = {},
): Promise<Map<number, number>> {
  const seen = new Map<number, number>();
  const end = performance.now() + timeoutMs;
  return new Promise((resolve) => {
    const client = async () => {
      while (seen.size < count && performance.now() < end) {
        const pid = await askWho(port);
        if (pid !== undefined && !known.has(pid) && !seen.has(pid)) seen.set(pid, performance.now());
        if (seen.size >= count) resolve(seen);
        await sleep((clients / RATE) * 1000);
      }
    };
    Promise.all(Array.from({ length: clients }, client)).then(() => resolve(seen));
  });
}
