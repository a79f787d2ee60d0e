import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from './lines.js';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

interface Message {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

type Send = (method: string, params?: object, sessionId?: string) => Promise<Record<string, unknown>>;

/** One page of a headless Chromium, driven by the DevTools protocol over its pipe. */
export class Page {
  private constructor(
    readonly send: (method: string, params?: object) => Promise<Record<string, unknown>>,
    readonly close: () => Promise<void>,
  ) {}

  /** Starts a Chromium with a profile of its own; close() ends it. */
  static async open(program: string): Promise<Page> {
    const profile = mkdtempSync(join(tmpdir(), 'prefork-chromium-'));
    const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const exited = new Promise((resolve) => child.once('close', resolve));
    const [, , , input, output] = child.stdio;
    const send = protocol(input as Writable, output as Readable);
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    return new Page(
      (method, params) => send(method, params, sessionId as string),
      async () => {
        await send('Browser.close');
        await exited;
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      },
    );
  }

  async goto(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
    await this.until(`document.readyState === 'complete' && location.href === ${JSON.stringify(new URL(url).href)}`);
  }

  /** The value of an expression, a promise's too, in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', options);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Waits until an expression holds, through reloads, too, which end its context. */
  async until(expression: string): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    let cause: unknown;
    const fail = (error: unknown) => {
      cause = error;
      return false;
    };
    while (!(await this.evaluate(expression).catch(fail))) {
      if (Date.now() > deadline) {
        throw new Error(`not within ${PATIENCE} ms: ${expression}; the page:\n${await this.text()}`, { cause });
      }
      await sleep(20);
    }
  }

  text(): Promise<string> {
    return this.evaluate('document.body.innerText');
  }

  /** A PNG file. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(data as string, 'base64');
  }
}

function protocol(input: Writable, output: Readable): Send {
  const waiting = new Map<number | undefined, (message: Message) => void>();
  let last = 0;
  let rest = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop() ?? '';
    for (const text of messages) {
      const message = JSON.parse(text) as Message;
      waiting.get(message.id)?.(message);
    }
  });
  output.once('close', () => {
    for (const answer of waiting.values()) answer({ error: { message: 'Chromium has ended' } });
  });
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}
