import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { ClientView, Events } from '../../../src/view/messages.js';
import { type Source, serveView } from '../../../src/view/server.js';
import { ROOT, startNode } from '../../helpers/process.js';

const EVENTS = 500;

test('a page that does not read gets the last event of each kind once it reads again', async () => {
  let tell: <E extends keyof Events>(event: E, data: Events[E]) => void = () => {};
  let hasEnded = () => {};
  const ended = new Promise<void>((resolve) => {
    hasEnded = resolve;
  });
  const source: Source = {
    about: () => ({ mode: 'live', frames: [], lessons: [] }),
    subscribe: (listener) => {
      tell = listener;
      return hasEnded;
    },
    act: async () => {},
  };
  const server = await serveView(source, 0);
  onTestFinished(() => server.close());
  const [response] = (await once(get(`${server.address}events`), 'response')) as [IncomingMessage];
  for (let id = 0; id < EVENTS; id++) tell('clients', [client(id)]);
  tell('figures', []);
  response.setEncoding('utf8');
  let received = '';
  for await (const chunk of response) {
    received += chunk;
    if (received.endsWith('event: figures\ndata: []\n\n')) break;
  }
  const ids = [...received.matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id));
  expect(ids.at(-1)).toBe(EVENTS - 1);
  expect(ids.length).toBeLessThan(EVENTS / 10);
  await ended;
});

function client(id: number): ClientView {
  return { id, kind: 'terminal', ends: [{ address: null, open: true, text: 'x'.repeat(100_000) }] };
}

test('a program that cannot be spawned does not keep the view from its end', async () => {
  const code = `
    import { OwnProgram } from './dist/view/own-program.js';
    process.execPath = '/there is no such program';
    const program = new OwnProgram({ arguments: ['echo'], output: 'ready' });
    await program.start().catch(({ code }) => console.log(code, program.runs));
    await program.close();
    console.log('closed');`;
  const p = await startNode(['--input-type=module', '--eval', code], { cwd: ROOT });
  expect(await p.closed).toEqual({ code: 0, signal: null });
  expect(p.text).toBe('ENOENT false\nclosed\n');
});
