import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { NetConnectOpts, Socket } from 'node:net';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { shown } from './http.js';

/** What is used of a client of ws, which comes without types. */
interface WebSocket {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void;
  once(event: 'open' | 'close', listener: () => void): void;
  send(data: string | Uint8Array): void;
  close(): void;
}
type WebSocketClass = new (url: string, options: object) => WebSocket;

const Client = createRequire(import.meta.url)('ws') as WebSocketClass;

/** Sends messages one after the other, of which each is answered. @returns the greeting, and the answers */
export async function converse(target: NetConnectOpts, messages: readonly (string | Uint8Array)[]): Promise<string[]> {
  const createConnection = (): Socket => connect(target);
  const client = new Client('ws://app', { createConnection });
  const closed = once(client as never, 'close');
  onTestFinished(() => client.close());
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    client.on('message', (data, isBinary) => {
      const next = messages[seen.length];
      seen.push(`${isBinary ? 'binary' : 'text'}: ${shown(data)}`);
      if (next === undefined) resolve();
      else client.send(next);
    });
  });
  client.close();
  await closed;
  return seen;
}
