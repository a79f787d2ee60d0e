import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { APP, addressesOf } from '../../fixtures/listen/ask.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { type Running, startNode, startPrefork } from '../../helpers/process.js';
import { takenPort } from '../../helpers/sockets.js';

const place = `${resolve(APP).replaceAll('.', '\\.')}:\\d+:\\d+`;

const startApp = (flags: readonly string[], ...app: string[]) => startPrefork(['start', ...flags, APP, '--', ...app]);

test('what failed, and where in the app, is the reason why it does not load', async () => {
  const port = await takenPort();
  const running = await startApp([], 'swallow', JSON.stringify({ host: '127.0.0.1', port }));
  expect(await running.closed).toEqual({ code: 4, signal: null });
  const reason = `listen EADDRINUSE: address already in use 127\\.0\\.0\\.1:${port}, called at ${place}`;
  expect(running.stderr.text).toMatch(
    new RegExp(`the app failed to load: it ended without a server that listens: ${reason}\n`),
  );
});

test('each server that failed is told', async () => {
  const [one, other] = [await takenPort(), await takenPort()];
  const options = [one, other].map((port) => JSON.stringify({ host: '127.0.0.1', port }));
  const running = await startApp(
    [],
    'swallow',
    ...options,
    '{"path":"/dev/null/x"}',
    '{"host":"no-such-host.invalid","port":1}',
  );
  await running.closed;
  for (const what of [
    `127.0.0.1:${one},`,
    `127.0.0.1:${other},`,
    'ENOTDIR: not a directory /dev/null/x,',
    'getaddrinfo',
  ]) {
    expect(running.stderr.text).toContain(what);
  }
});

test('one that ends itself then, and one that waits for something else', async () => {
  const options = JSON.stringify({ host: '127.0.0.1', port: await takenPort() });
  const exits = await startApp([], 'exitAtError', options);
  expect(await exits.closed).toEqual({ code: 4, signal: null });
  expect(exits.stderr.text).toMatch(/the app failed to load: .*: listen EADDRINUSE: .*, called at /);
  const waits = await startApp(['--spawn-timeout', '1s'], 'waitAtError', options);
  expect(await waits.closed).toEqual({ code: 4, signal: null });
  expect(waits.stderr.text).toMatch(
    /the app failed to load: it is still busy[^[]*\n {2}listen EADDRINUSE: .*, called at /,
  );
});

test.each([['swallow'], ['exitAtError'], ['waitAtError', '--boot-timeout', '1s']])(
  '--no-preload: workers that cannot listen (%s) are the reason why the service ends',
  async (way, ...flags) => {
    const options = JSON.stringify({ host: '127.0.0.1', port: await takenPort() });
    const running = await startApp(['-w', '1', '--no-preload', ...flags], way, options);
    expect(await running.closed).toEqual({ code: 3, signal: null });
    expect(running.stderr.text).toMatch(
      new RegExp(
        `stopping: workers die before they are ready, again and again: .*listen EADDRINUSE: .*, called at ${place}`,
      ),
    );
    expect(running.stderr.text).not.toMatch(/died \(exit status 0\)/);
  },
);

test('--no-preload: an app without a server', async () => {
  const running = await startApp(['-w', '1', '--no-preload'], 'swallow');
  expect(await running.closed).toEqual({ code: 3, signal: null });
  expect(running.stderr.text).toMatch(
    /again and again: it ended without a server that listens: nothing called server\.listen/,
  );
});

test('an app that tries one port after the other is served', async () => {
  const running = await startApp(['-w', '2'], 'nextPort', `${await takenPort()}`);
  expect(await addressesOf(running)).toHaveLength(1);
});

test('a server that is closed before the fork is none that the app waits with', async () => {
  const { closed, stderr } = await startApp([], 'closeAll');
  expect(await closed).toEqual({ code: 4, signal: null });
  expect(stderr.text).toMatch(/it ended without a server that listens/);
});

test.each(['EADDRINUSE', 'EADDRNOTAVAIL', 'zone'])('the error of plain node: %s', async (kind) => {
  const options = {
    EADDRINUSE: async () => ({ host: '127.0.0.1', port: await takenPort() }),
    EADDRNOTAVAIL: async () => ({ host: '192.0.2.123', port: 1234 }),
    zone: async () => ({ host: 'fe80::1%lo', port: 0 }),
  }[kind] as () => Promise<object>;
  const args = [APP, 'report', JSON.stringify(await options())];
  const error = async (running: Running) => JSON.parse((await running.stdout.line(/^error (.*)$/))[1] as string);
  const [prefork, node] = [await startPrefork(['start', ...args]), await startNode(args)];
  expect(await error(prefork)).toEqual(await error(node));
});

test.each([
  { free: 0, flags: [] },
  { free: 0, flags: ['--no-preload'] },
  { free: 1, flags: ['--no-preload'] }, // It needs one for what it accepts by as well.
])(
  'a server for which no descriptor is left has the error of plain node, and listens when there is one: %j',
  async ({ free, flags }) => {
    const options = [{ host: '127.0.0.1', port: 0 }, { path: join(temporaryFolder(), 'app.sock') }];
    for (const each of options) {
      const limited = ['-w', '1', '--rlimit', 'nofile=100', ...flags];
      const running = await startApp(limited, 'exhausted', `${free}`, JSON.stringify(each));
      await addressesOf(running);
      const [, error = ''] = await running.stdout.line(/^error (.*)$/);
      const { host = each.path } = each;
      expect(JSON.parse(error)).toMatchObject({
        message: `listen EMFILE: too many open files ${host}`,
        code: 'EMFILE',
        syscall: 'listen',
        address: host,
      });
    }
  },
);
