// What a worker that runs an attacker's code as nobody can say to the monitor, which is root's.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attack, isReplaced, isRoot, startHacked } from '../../fixtures/security/server.js';
import { childrenOf, isAlive, openDescriptors, processStat } from '../../helpers/proc.js';
import { ROOT, start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

const asRoot = test.skipIf(!isRoot);

asRoot("a second 'hello' with another process's id ends the worker that sends it, and nobody else", async () => {
  const server = await startHacked();
  const before = server.pids;
  const bystander = await start('sleep', ['600']);
  await attack(server, `tools.say({ type: 'hello', pid: ${bystander.pid} });`);
  await isReplaced(server, before, /it sent 'hello' a second time$/);
  expect(isAlive(bystander.pid)).toBe(true);
});

asRoot.each([
  ['null', 'tools.posix.sendMessage(tools.channel(), "null\\n")', /it sent what is no message: null$/],
  ['half a line', 'tools.posix.sendMessage(tools.channel(), "{\\n")', /it sent what is no message: \{$/],
  [
    'a frame without end',
    'tools.posix.writeAll(tools.channel(), "x".repeat(2 ** 21))',
    /a message of more than 65536 bytes/,
  ],
  [
    'a message of more than 64 KiB',
    'tools.say({ type: "warning", message: "x".repeat(2 ** 16) })',
    /a message of more than 65536 bytes/,
  ],
  [
    'a list in a list, and so on',
    'tools.posix.sendMessage(tools.channel(), "[".repeat(9000) + "]".repeat(9000) + "\\n")',
    /it sent a message that is nested more than 20 times/,
  ],
  [
    'an empty line',
    'tools.posix.sendMessage(tools.channel(), "\\n".repeat(9000))',
    /it sent what is no message: (;|$)/,
  ],
  ["a second 'ready'", 'tools.say({ type: "ready" })', /it sent 'ready' a second time/],
  [
    'a message to a parent that there is none of',
    'tools.posix.sendMessage(tools.channel(), "=1\\n")',
    /it sent a message to a parent that there is none of/,
  ],
])('%s ends the worker that sends it', async (_, code, reason) => {
  const server = await startHacked();
  const before = server.pids;
  await attack(server, code);
  await isReplaced(server, before, reason);
});

asRoot('a worker that closes its channel and lives on is ended', async () => {
  const server = await startHacked();
  const before = server.pids;
  // Its place is taken, so that no client gets it.
  await attack(server, 'tools.posix.dup2(tools.posix.open("/dev/null"), tools.channel());');
  await isReplaced(server, before, /it has closed its channel, and lives on/);
});

asRoot(
  'a worker that claims to drain and goes on is ended by time, at a reload and when the service stops',
  async () => {
    const server = await startHacked({ args: ['--grace', '1s'], workers: 2 });
    const refusesToLeave = `process.exit = process.reallyExit = () => {};
    setInterval(() => {}, 1000);
    return process.pid;`;
    const hacked = Number(await attack(server, refusesToLeave));
    server.signal('SIGHUP');
    await server.running.line(/reload: generation 2 serves/);
    await server.running.line(new RegExp(`pid ${hacked}: is killed: it did not leave within 1 s`));
    await eventually('it is gone', () => !isAlive(hacked));
    const second = Number(await attack(server, refusesToLeave));
    await server.full([hacked]);
    server.signal('SIGTERM');
    await server.running.line(new RegExp(`pid ${second}: is killed: it did not leave within 1 s`));
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await server.gone();
  },
);

asRoot('a worker that sends descriptors is ended, and they are not taken', async () => {
  const server = await startHacked();
  const before = server.pids;
  const count = () => readdirSync(`/proc/${server.pid}/fd`).length;
  await server.full(); // What the start has open for a moment is closed then.
  const open = count();
  await attack(
    server,
    `tools.posix.sendMessage(tools.channel(), tools.line({ type: 'closed', sockets: [] }), [0, 0, 0]);`,
  );
  await isReplaced(server, before, /it sent descriptors$/);
  await eventually('as many are open as before', () => count() <= open);
});

const LINGERING = join(ROOT, 'test/fixtures/security/lingering.pl');

(isRoot && process.arch === 'x64' ? testWith('perl') : test.skip)(
  'the monitor does not wait for a connection that a worker has sent it, and that lingers',
  async () => {
    const server = await startHacked();
    const before = server.pids;
    // So that it is the monitor that closes the connection for good, and not the process that has sent it.
    server.signal('SIGSTOP');
    const code = `const { spawnSync } = await import('node:child_process');
      spawnSync('perl', ['${LINGERING}'], { stdio: ['ignore', 'ignore', 'inherit', tools.channel()] });`;
    const attacking = attack(server, code);
    await eventually('the worker is stopped', () => before.some((pid) => processStat(pid)?.state === 'T'));
    server.signal('SIGCONT');
    await isReplaced(server, before, /it sent descriptors$/);
    await attacking;
  },
);

const TAKE = join(ROOT, 'test/fixtures/security/take.pl');

(isRoot ? testWith('perl') : test.skip)(
  'nothing can be sent on the socket by which the monitor tells the status page, which is the same user',
  async () => {
    const server = await startHacked({ args: ['--user', 'nobody', '--status-port', '0'], appArgs: ['root'] });
    const page = childrenOf(server.pid).find(({ command }) => command === 'prefork: status');
    // The standard streams are the monitor's own, in the tests sockets.
    const sockets = [...openDescriptors(page?.pid)].filter(([fd, to]) => fd > 2 && to.startsWith('socket:'));
    const code = `const { spawnSync } = await import('node:child_process');
      return ${JSON.stringify(sockets.map(([fd]) => fd))}.map((fd) =>
        String(spawnSync('perl', ['${TAKE}', '${page?.pid}', fd]).stdout));`;
    const outcomes = (await attack(server, code)) as string[];
    expect(outcomes.length).toBeGreaterThanOrEqual(2); // Its listener is one of them.
    // Where Yama is in force, it does not even get there.
    for (const outcome of outcomes) expect(outcome).toMatch(/^(send: Broken pipe|taken: Operation not permitted)$/);
    expect(server.running.text).not.toContain('is started again');
  },
);
