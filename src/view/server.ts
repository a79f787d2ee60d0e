import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Figure } from '../figure/figure.js';
import { LESSONS } from '../tutorial/lessons/index.js';
import { packageFile } from '../util/package-files.js';
import {
  type About,
  type Act,
  CLIENT_KINDS,
  type Events,
  LANGUAGES,
  MODELS,
  type Model,
  PACES,
  SIGNALS,
} from './messages.js';

/** What stands behind the page. */
export interface Source {
  about(): About;
  /** Calls with each change until the returned function is called. */
  subscribe(listener: <E extends keyof Events>(event: E, data: Events[E]) => void): () => void;
  /** @throws when it cannot be done, with a sentence that says why */
  act(act: Act): Promise<void>;
}

export interface ViewServer {
  /** The URL, with the token without which nothing is served. */
  readonly address: string;
  close(): void;
}

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
const FILES: Readonly<Record<string, readonly [string, string]>> = {
  '': ['index.html', 'text/html'],
  'page.js': ['page.js', 'text/javascript'],
  'page.css': ['page.css', 'text/css'],
};
const MAX_ACT_CHARS = 10_000;
/** Serves the page on loopback, to clients that know the token. */
export async function serveView(source: Source, port: number): Promise<ViewServer> {
  const token = randomBytes(18).toString('base64url');
  // An idle connection stays open: an act must not meet the end of the one that it is sent through.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    answer(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else send(response, 400, 'text/plain', `${error.message}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  const hosts = [`127.0.0.1:${bound}`, `localhost:${bound}`];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A page elsewhere may have its own name resolve to this machine; the browser then sends that name.
    if (!hosts.includes(request.headers.host ?? '')) return send(response, 421, 'text/plain', 'not served here\n');
    const [, given, name = ''] = request.url?.split('/') ?? [];
    if (given !== token) return send(response, 404, 'text/plain', 'open the address that prefork view has printed\n');
    if (name === 'act' && request.method === 'POST') {
      await source.act(checkedAct(JSON.parse(await body(request))));
      return send(response, 200, 'text/plain', 'done\n');
    }
    if (request.method !== 'GET') return send(response, 405, 'text/plain', 'only GET\n');
    if (name === 'about') return send(response, 200, 'application/json', JSON.stringify(source.about()));
    if (name === 'events') return stream(response, source);
    const file = FILES[name];
    if (file === undefined) return send(response, 404, 'text/plain', 'not found\n');
    send(response, 200, file[1], readFileSync(packageFile(`dist/view/page/${file[0]}`), 'utf8'));
  }

  return {
    address: `http://127.0.0.1:${bound}/${token}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html. Each has all that there is to say of
 * its kind, so a page that does not read, as a tab that sleeps, gets only the last one of each kind once it reads again.
 */
function stream(response: ServerResponse, source: Source): void {
  const late = new Map<string, string>();
  const write = (text: string) => response.write(text);
  response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
  response.flushHeaders();
  const end = source.subscribe((event, data) => {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    late.delete(event); // What comes behind the others goes there.
    if (response.writableNeedDrain) late.set(event, text);
    else write(text);
  });
  response.on('drain', () => {
    for (const text of late.values()) write(text);
    late.clear();
  });
  response.once('close', end);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': `${type}; charset=utf-8` }).end(text);
}

async function body(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_ACT_CHARS) throw new Error('the request is too long');
  }
  return text;
}

/** @throws when it is none */
function checkedAct(given: unknown): Act {
  const act = Object(given);
  const number = (name: string) => Number.isSafeInteger(act[name]);
  const isRight =
    (act.act === 'connect' && CLIENT_KINDS.includes(act.kind) && number('count') && act.count > 0 && act.count <= 50) ||
    (act.act === 'send' && number('client') && typeof act.text === 'string') ||
    (['hang-up', 'reset', 'forget'].includes(act.act) && number('client')) ||
    (SIGNALS.includes(act.act) && number('pid') && number('start')) ||
    (act.act === 'scene' && isScene(Object(act.scene))) ||
    (act.act === 'pace' && PACES.includes(act.pace)) ||
    ['start', 'next'].includes(act.act);
  if (!isRight) throw new Error('there is no such act');
  return act as Act;
}

function isScene({ show, models, lesson, language }: Record<string, unknown>): boolean {
  if (show === 'lesson') {
    return Number.isSafeInteger(lesson) && LESSONS[Number(lesson) - 1] !== undefined && isOneOf(LANGUAGES, language);
  }
  if (show !== 'echo' || !Array.isArray(models)) return false;
  return [1, 2].includes(models.length) && models.every((model): model is Model => isOneOf(MODELS, model));
}

function isOneOf(values: readonly string[], value: unknown): boolean {
  return values.includes(value as string);
}

/** A recording. */
export function replay(frames: readonly (readonly Figure[])[]): Source {
  return {
    about: () => ({ mode: 'replay', frames, lessons: [] }),
    subscribe: () => () => {},
    act: async () => {
      throw new Error('a recording cannot be acted on');
    },
  };
}
