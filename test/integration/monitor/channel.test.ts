// What an app may do to the channel between its process and the monitor.
import { expect, test } from 'vitest';
import { startServer } from '../../fixtures/start/server.js';
import { startPrefork } from '../../helpers/process.js';

const APP = 'test/fixtures/start/channel.mjs';

test.for([
  ['garbage', /it sent what is no message: nonsense\\x1b$/],
  ['unknown', /it sent what is no message: \{"type":"nothing"\}$/],
  ['foreign', /it sent 'loaded', which a worker has no reason to$/],
  ['other', /it sent 'hello' a second time$/],
  ['endless', /it sent a message of more than 65536 bytes$/],
  ['flood', /it does not read what the monitor sends$/],
] as const)('a worker whose app misuses its channel (%s) is killed and replaced, the others serve', async (row) => {
  const [way, reason] = row;
  const server = await startServer({ app: APP });
  const before = server.pids;
  const asked = server.ask(`/${way}`).catch((error) => error);
  const [line, pid] = await server.running.line(/worker \d gen 1 pid (\d+): is killed: .*/);
  expect(line).toMatch(reason);
  expect(before).toContain(Number(pid));
  expect(await asked).toBeInstanceOf(Error);
  const after = (await server.full([Number(pid)])).map(({ pid }) => pid);
  expect(after).toEqual(expect.arrayContaining(before.filter((each) => each !== Number(pid))));
  expect(after).toContain(Number(await server.ask()));
});

test('a zygote whose app misuses its channel is ended, and the log says what it sent', async () => {
  const { closed, stderr } = await startPrefork(['start', APP, '--', 'garbage']);
  expect(await closed).toEqual({ code: 4, signal: null });
  expect(stderr.text).toMatch(/the app failed to load: it sent what is no message: nonsense\\x1b/);
});
