// The document's server in its other ways: the same command line, the same conversation, the same messages.
import { connect as connectSocket, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type EchoServer, MODELS, startEcho } from '../../fixtures/echo/server.js';
import { connect } from '../../helpers/client.js';
import { isAlive } from '../../helpers/proc.js';
import { startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const LONGEST_LINE = 'x'.repeat(65536);
const TOO_LONG = 'line too long: the limit is 65536 bytes; closing the connection\n';

/** What is sent, and the answer. */
const CONVERSATIONS: readonly [string, string, string][] = [
  ['lines, however they end', 'a\nb\r\n\n\r\n日本語\r\nlast, unfinished', 'a\nb\r\n\n\r\n日本語\r\nlast, unfinished'],
  ['exit is the end', 'before\nexit\nignored\n', 'before\n'],
  ['an unfinished exit', 'before\nexit', 'before\n'],
  ['what is no exit', 'EXIT\n exit\nexits\nexit\n', 'EXIT\n exit\nexits\n'],
  ['the longest line', `${LONGEST_LINE}\r\n`, `${LONGEST_LINE}\r\n`],
  ['a longer one', `before\n${LONGEST_LINE}x\n`, `before\n${TOO_LONG}`],
  ['a longer one that never ends', `before\n${'x'.repeat(4_000_000)}`, `before\n${TOO_LONG}`],
  ['more than any buffer', `${'x'.repeat(999)}\n`.repeat(8000), `${'x'.repeat(999)}\n`.repeat(8000)],
];

describe.each(MODELS)('%s', (model) => {
  const start = (...args: string[]) => startEcho(['--model', model, '--host', '127.0.0.1', ...args]);

  test('says the same in the same conversation', async () => {
    const { port } = await start('--quiet');
    for (const [name, sent, answer] of CONVERSATIONS) {
      expect((await exchange(port, sent)) === answer, name).toBe(true);
    }
  });

  test('logs the same messages', async () => {
    const server = await start('--workers', '2');
    const client = await connect(server.port);
    client.send('hello\nexit\n');
    await client.ended;
    client.end();
    const who = `(?:${[...server.children.map((pid) => `Child ${pid}`), `Process ${server.parent}`].join('|')})`;
    const { stdout } = server.running;
    await stdout.line(new RegExp(`^${who} accepting\\.\\.\\.$`));
    await stdout.line(new RegExp(`^${who} accepted a client! \\(127\\.0\\.0\\.1:${client.port}\\)$`));
    await stdout.line(new RegExp(`^${who} received: hello$`));
    await stdout.line(new RegExp(`^${who} closed a connection!$`));
  });

  test('hangs up on clients that send nothing, or read nothing', async () => {
    const { running, port } = await start('--idle-timeout', '1', '--write-timeout', '1');
    const idle = await connect(port);
    await running.stdout.line(/closed a connection! \(the client sent nothing for 1 s\)$/);
    idle.end();
    const deaf = connectSocket({ port, host: '127.0.0.1' }).on('error', () => {});
    onTestFinished(() => {
      deaf.destroy();
    });
    deaf.pause().write(Buffer.alloc(64 * 1024 * 1024, `${'x'.repeat(59_999)}\n`));
    await running.stdout.line(/closed a connection! \(the client read nothing for 1 s\)$/);
  });

  test('says why it cannot listen', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      other.close();
    });
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const echo = await startPrefork(['echo', '--model', model, '--host', '127.0.0.1', '--port', `${port}`]);
    expect(await echo.closed).toEqual({ code: 1, signal: null });
    expect(echo.stdout.text).toBe('');
    for (const line of echo.stderr.text.trimEnd().split('\n')) {
      expect(line).toMatch(/^prefork: port \d+ of 127\.0\.0\.1 is in use; end the program that has it/);
    }
  });

  test.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('ends with all its processes by %s', async (signal, code) => {
    const { running, parent, children } = await start();
    process.kill(parent, signal);
    expect(await running.closed).toEqual({ code, signal: null });
    expect(children.filter(isAlive)).toEqual([]);
  });
});

describe.each(['prefork', 'cluster', 'cluster-none'])('%s', (model) => {
  test('replaces a child that was killed', async () => {
    const { running, children } = await startEcho(['--model', model]);
    const [victim = 0] = children;
    process.kill(victim, 'SIGKILL');
    await running.stderr.line(new RegExp(`^Child ${victim} was killed by SIGKILL$`));
    const [, successor] = await running.stderr.line(/^forked child process: (\d+)$/);
    await running.stdout.line(new RegExp(`^Child ${successor} accepting\\.\\.\\.$`));
  });

  test('leaves no child behind when its parent is killed', async () => {
    const { parent, children } = await startEcho(['--model', model]);
    process.kill(parent, 'SIGKILL');
    await eventually('the children have ended', () => !children.some(isAlive));
  });
});

test.each(MODELS)('%s: whether the fourth of three children’s clients has to wait', async (model) => {
  const server = await startEcho(['--model', model]);
  const [first] = await clientsThatStay(server, 3);
  const fourth = await connect(server.port);
  fourth.send('is anybody there?\n');
  if (model === 'prefork') first?.end();
  await fourth.line(/^is anybody there\?$/);
  const { stdout } = server.running;
  await stdout.line(new RegExp(`accepted a client! \\(127\\.0\\.0\\.1:${fourth.port}\\)$`));
  const before = stdout.text.slice(0, stdout.text.indexOf(`:${fourth.port})`));
  expect(before.includes('closed a connection!')).toBe(model === 'prefork');
});

async function clientsThatStay({ port }: EchoServer, count: number) {
  const clients = await Promise.all(Array.from({ length: count }, () => connect(port)));
  for (const client of clients) {
    client.send('hello\n');
    await client.line(/^hello$/);
  }
  return clients;
}

/** Sends it all, half-closes, and takes the answer to its end. */
async function exchange(port: number, text: string): Promise<string> {
  const client = await connect(port);
  client.send(text);
  client.end();
  await client.ended;
  return client.text;
}
