// What the zygote does once in place of its workers: it rehearses their start, and uses up what Node has drawn of
// random bytes.
import { expect, test } from 'vitest';
import { startServer } from '../../fixtures/start/server.js';
import { CLI } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const APP = 'test/fixtures/start/rehearsal.cjs';
const AGENT = './test/fixtures/start/rehearsal-agent.cjs';

test('what is required before the app hears of no other requests than those of clients', async () => {
  const server = await startServer({ app: APP, workers: 2, program: ['--require', AGENT, CLI] });
  await server.ask('/one');
  await server.ask('/two');
  await server.running.line(/^agent: GET \/two$/);
  expect(server.running.text.match(/^agent: .*$/gm)).toEqual(['agent: GET /one', 'agent: GET /two']);
});

test('nothing of the rehearsal is active when the app is loaded', async () => {
  const server = await startServer({ app: APP, workers: 1 });
  const { active } = JSON.parse(await server.ask());
  for (const resource of ['TCPSocketWrap', 'MessagePort']) expect(active).not.toContain(resource);
});

test('workers draw ids and numbers of their own first of all', async () => {
  const server = await startServer({ app: APP, workers: 4 });
  const drawn: { pid: number; int: number; id: string }[] = [];
  const different = (name: 'pid' | 'int' | 'id') => new Set(drawn.map((each) => each[name])).size;
  await eventually('each worker has answered', async () => {
    drawn.push(...(await Promise.all(server.pids.map(() => server.ask()))).map((text) => JSON.parse(text)));
    return different('pid') === server.pids.length;
  });
  expect([different('int'), different('id')]).toEqual([drawn.length, drawn.length]);
});
