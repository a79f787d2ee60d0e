// Nobody reads the log, or it has no room: the server serves on, and can be ended.
import { expect, onTestFinished, test } from 'vitest';
import { close, pipe, poll, read } from '../../../src/posix/index.js';
import { ACCEPT, socketPath } from '../../fixtures/echo/server.js';
import { connect } from '../../helpers/client.js';
import { childrenOf, currentSyscall, isAlive } from '../../helpers/proc.js';
import { type Running, start } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

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

test('a pipe that nobody empties holds up neither the children nor their replacement and the end', async () => {
  const server = await startInto('2>&1 | sleep 1000');
  const reader = childrenOf(server.shell.pid).find(({ pid }) => pid !== server.parent);
  const client = await connect({ path: server.path });
  // The log of all that would be 135 kB; a pipe holds 64. Of short lines, so that the room left is less than a report.
  client.send(`${'x\n'.repeat(5000)}exit\n`);
  await client.ended;
  expect(client.text).toBe('x\n'.repeat(5000));
  client.end();
  for (let i = 0; i < 9; i++) await hello(server.path);
  const killed = childrenOf(server.parent)[0]?.pid as number;
  process.kill(killed, 'SIGKILL');
  await eventually('it is replaced, though there is no room for a report', () => {
    const children = childrenOf(server.parent).filter(({ state }) => state !== 'Z');
    return children.length === 3 && children.every(({ pid }) => pid !== killed);
  });
  await ends(server);
  process.kill(reader?.pid as number, 'SIGTERM');
  await server.shell.closed;
});

test('once the log is read again, each child says how many lines were lost', async () => {
  const [reader, writer] = pipe({ cloexec: true });
  onTestFinished(() => close(reader));
  const path = socketPath();
  const command = 'exec "$0" dist/cli/main.js echo --workers 1 --path "$1" >&3 3>&-';
  const server = await start('sh', ['-c', command, process.execPath, path], { descriptors: [writer] });
  close(writer);
  await eventually('it accepts', () => poll(reader, 'read', 0) && read(reader, 1 << 16).includes('accepting'));
  const lines = 20_000;
  const client = await connect({ path });
  client.send(`${'x\n'.repeat(lines)}exit\n`);
  await client.ended;
  client.end();
  await server.stderr.line(/^Child \d+ serves on without a log: nobody reads it$/);
  const [child] = childrenOf(server.pid);
  await eventually('it accepts again', () => ACCEPT.includes(currentSyscall(child?.pid ?? 0) ?? ''));
  const log = () => poll(reader, 'read', 0) && read(reader, 1 << 20).toString();
  const kept = (await eventually('the log is read', log)).match(/received: x/g)?.length ?? 0;
  await hello(path);
  const after = await eventually('the log goes on', log);
  const [, lost] = /^Child \d+: (\d+) lines were lost while nobody read the log\n/.exec(after) ?? [];
  expect(kept + Number(lost)).toBe(lines + 2); // It closed a connection, and accepts.
  expect(after).toMatch(/lost .*\nChild \d+ accepted a client! .*\nChild \d+ received: hello\n/);
});
