import { connect } from 'node:net';
import type { App } from '../servers/server.js';

/** One exchange, after which the server closes the connection. */
const QUESTION: Readonly<Record<App, string>> = {
  echo: 'hello\nexit\n',
  http: 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
};
/** A connection that died with its process is not waited for, in milliseconds. */
const PATIENCE = 5000;

/** What a server answers on a connection of its own; undefined when it refuses, breaks off or is silent. */
export function ask(port: number, app: App, question = QUESTION[app]): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const client = connect({ port, host: '127.0.0.1', timeout: PATIENCE }, () => client.write(question));
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
