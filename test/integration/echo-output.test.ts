// Nobody reads the log, or it has no room: the server serves on, and can be ended.
import { expect, test } from 'vitest';
import { socketPath } from '../fixtures/echo/server.js';
import { connect } from '../helpers/client.js';
import { childrenOf, currentSyscall, isAlive } from '../helpers/proc.js';
import { type Running, start } from '../helpers/process.js';
import { eventually } from '../helpers/wait.js';

/** write and poll on x86-64: Node makes a pipe's descriptor non-blocking in some versions. */
const WAITING_TO_WRITE = [1, 7];

/** The server with its output led somewhere by a shell, and the server's process id. */
async function startInto(redirection: string): Promise<{ shell: Running; path: string; parent: number }> {
  const path = socketPath();
  const command = `"$0" dist/cli/main.js echo --path "$1" ${redirection}`;
  const shell = await start('sh', ['-c', command, process.execPath, path]);
  const children = await eventually('the server has forked', () => {
    const parents = childrenOf(shell.pid).filter(({ pid }) => childrenOf(pid).length === 3);
    return parents.length > 0 && parents;
  });
  return { shell, path, parent: (children[0] as { pid: number }).pid };
}

async function hello(path: string): Promise<void> {
  const client = await connect({ path });
  client.send('hello\nexit\n');
  await client.line(/^hello$/);
  await client.ended;
  client.end();
}

async function ends({ shell, parent }: { shell: Running; parent: number }): Promise<void> {
  const children = childrenOf(parent).map(({ pid }) => pid);
  expect(children).toHaveLength(3);
  process.kill(parent, 'SIGTERM');
  await eventually('no process is left', () => [parent, ...children].every((pid) => !isAlive(pid)));
  expect(shell.stderr.text).not.toMatch(/killed by|giving up/);
}

test('| head -n 1: the server serves on without a log, and says so once for each child', async () => {
  const server = await startInto('| head -n 1');
  await eventually('head has ended', () => childrenOf(server.shell.pid).length === 1);
  for (let i = 0; i < 12; i++) await hello(server.path);
  await server.shell.stderr.line(/^Child \d+ serves on without a log: write EPIPE: broken pipe$/);
  expect(server.shell.stdout.text.match(/\n/g)).toHaveLength(1);
  expect(server.shell.stderr.text.match(/without a log/g)?.length).toBeLessThanOrEqual(3);
  await ends(server);
});

test('> /dev/full: likewise', async () => {
  const server = await startInto('> /dev/full; exit $?');
  await server.shell.stderr.lines(3, /^Child \d+ serves on without a log: write ENOSPC: no space left on device$/);
  await hello(server.path);
  await ends(server);
  expect(await server.shell.closed).toEqual({ code: 0, signal: null });
});

test('a pipe that nobody empties holds up the children, but neither their replacement nor the end', async () => {
  const server = await startInto('2>&1 | sleep 1000');
  const client = await connect({ path: server.path });
  // The log of all that would be 135 kB; a pipe holds 64. Of short lines, so that the room left is less than a report.
  client.send('x\n'.repeat(5000));
  const held = await eventually('the child waits for room in the log', () =>
    childrenOf(server.parent).find(({ pid }) => WAITING_TO_WRITE.includes(currentSyscall(pid) ?? -1)),
  );
  process.kill(held.pid, 'SIGKILL');
  await eventually('it is replaced, though there is no room for a report', () => {
    const children = childrenOf(server.parent).filter(({ state }) => state !== 'Z');
    return children.length === 3 && children.every(({ pid }) => pid !== held.pid);
  });
  await ends(server);
  const reader = childrenOf(server.shell.pid).find(({ pid }) => pid !== server.parent);
  process.kill(reader?.pid as number, 'SIGTERM');
  await server.shell.closed;
});
