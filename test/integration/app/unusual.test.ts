// Apps that do what few do: they serve as under plain node.
import { expect, test } from 'vitest';
import { type ServerOptions, startServer } from '../../fixtures/start/server.js';
import { CLI } from '../../helpers/process.js';

/** What each worker answers, also one that is forked later. */
async function expectAnswer(answer: string, way: string, options: ServerOptions = {}): Promise<void> {
  const server = await startServer({ app: 'test/fixtures/apps/unusual.cjs', appArgs: [way], ...options });
  expect(await server.ask()).toBe(answer);
  const [killed] = server.pids as [number];
  process.kill(killed, 'SIGKILL');
  await server.full([killed]);
  for (let asked = 0; asked < 4; asked++) expect(await server.ask()).toBe(answer);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
}

test('an app that freezes what the language has', () => expectAnswer('true', 'frozen'));

test('--frozen-intrinsics', () => expectAnswer('shop', 'titled', { program: ['--frozen-intrinsics', CLI] }));

test('an app whose immediates never end', () => expectAnswer('true', 'loops'));

test('an app that sets process.title keeps it', () => expectAnswer('shop', 'titled'));

test('--title names zygote and workers, with --no-preload, too', async () => {
  const program = ['--title=shop', CLI];
  await expectAnswer('shop', 'title', { program });
  await expectAnswer('shop', 'title', { program, args: ['--no-preload'] });
});

test('without a title of its own a worker is named by prefork', async () => {
  const server = await startServer({ app: 'test/fixtures/apps/unusual.cjs', appArgs: ['title'], workers: 1 });
  expect(await server.ask()).toMatch(/^prefork: worker 0 gen 1 .*unusual\.cjs$/);
});
