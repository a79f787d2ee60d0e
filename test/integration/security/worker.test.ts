// What a worker that runs an attacker's code as nobody can write about itself and others, and how it ends.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { attack, isReplaced, isRoot, isUntouched, startHacked } from '../../fixtures/security/server.js';
import { childrenOf, isAlive } from '../../helpers/proc.js';
import { CLI, start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

const asRoot = test.skipIf(!isRoot);

/** The descriptors of shared memory that it has, and what it can do with them. */
const sharedMemory = `return tools.fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    let link;
    try { link = tools.fs.readlinkSync('/proc/self/fd/' + fd); } catch { return []; }
    if (!link.includes('prefork-')) return [];
    const attempts = {
      write: () => tools.posix.write(Number(fd), Buffer.from('x')),
      map: () => tools.posix.mapSharedMemory(Number(fd), 4096),
      truncate: () => tools.fs.ftruncateSync(Number(fd), 0),
      grow: () => tools.fs.ftruncateSync(Number(fd), 2 ** 40),
    };
    const outcome = (attempt) => { try { attempt(); return 'done'; } catch ({ code }) { return code; } };
    return [[link, ...Object.values(attempts).map(outcome)]];
  });`;

asRoot('it has no memory of its siblings, and cannot write or cut the scoreboard', async () => {
  const server = await startHacked();
  const before = server.pids;
  const found = (await attack(server, sharedMemory)) as string[][];
  expect(found).toEqual([['/memfd:prefork-scoreboard (deleted)', 'EPERM', 'EPERM', 'EPERM', 'EPERM']]);
  await isUntouched(server, before);
});

asRoot('it maps its own report, and of the scoreboard a part that it can only read', async () => {
  const server = await startHacked();
  const [pid] = server.pids;
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1')
    .split('\n')
    .filter((line) => line.includes('/memfd:prefork-'));
  expect(maps.map((line) => line.replace(/^\S+ (\S+) .*\/memfd:(\S+) .*$/, '$1 $2')).sort()).toEqual([
    'r--s prefork-scoreboard',
    'rw-s prefork-report',
  ]);
});

asRoot('a worker whose heartbeat says nothing is ended as stuck, whatever it writes there', async () => {
  const server = await startHacked({ args: ['--stuck-timeout', '2s'] });
  const before = server.pids;
  // It writes through the heartbeat's own code: time is what the attacker says.
  await attack(server, 'process.hrtime = () => [NaN, NaN]; return 1;');
  await isReplaced(server, before, /its event loop has not turned for 2 s/);
});

asRoot('a heartbeat in the future is no life insurance', async () => {
  const server = await startHacked({ args: ['--stuck-timeout', '2s'] });
  const before = server.pids;
  await attack(server, 'process.hrtime = () => [2 ** 40, 0]; return 1;');
  await isReplaced(server, before, /its event loop has not turned for 2 s/);
});

asRoot('lines that it has logged are one line each, cut, and not more than the log stands', async () => {
  const server = await startHacked({ workers: 1 });
  const before = server.pids;
  const forged = '\x1b[2Jx\n[prefork] monitor pid 1: stopped with exit status 0\n';
  await attack(
    server,
    `tools.say({ type: 'warning', message: ${JSON.stringify(forged)} });
    tools.say({ type: 'warning', message: 'y'.repeat(60_000) });
    for (let i = 0; i < 2000; i++) tools.say({ type: 'warning', message: 'flood ' + i });`,
  );
  await server.running.line(/\\x1b\[2Jx/);
  await isUntouched(server, before);
  const lines = server.running.text.split('\n');
  expect(lines.filter((line) => line.startsWith('[prefork] monitor pid 1:'))).toEqual([]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(5000);
  expect(lines.filter((line) => line.includes('flood')).length).toBeLessThan(200);
});

asRoot('after setuid it still ends with the monitor, also while it computes', async () => {
  const server = await startHacked({ workers: 1 });
  const [pid] = server.pids as [number];
  expect(await attack(server, 'return [process.getuid(), process.geteuid()]')).toEqual([65534, 65534]);
  const computes = attack(server, 'for (;;);');
  await eventually('it computes', () => /^\d+ \(.*\) R/.test(readFileSync(`/proc/${pid}/stat`, 'latin1')));
  server.signal('SIGKILL');
  await eventually('it is gone', () => !isAlive(pid));
  await computes;
  await server.gone();
});

/** The controlling terminal of a process, as a device number; 0 for none. proc_pid_stat(5) */
const terminalOf = (pid: number) => Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[4]);

(isRoot ? testWith('script') : test.skip).each([['with --user', '--user nobody --status-port 0', 'root']])(
  'no process of an app %s can type into the terminal that root has started it from',
  async (_, args, appArg) => {
    const app = 'test/fixtures/security/app.mjs';
    const command = `exec ${process.execPath} ${CLI} start -w 2 ${args} ${app} -- ${appArg}`;
    const terminal = await start('script', ['-qec', command, '/dev/null']);
    const [, monitor] = await terminal.line(/monitor pid (\d+): serving on/);
    const children = childrenOf(Number(monitor));
    expect(children.length).toBeGreaterThanOrEqual(3);
    expect(terminalOf(Number(monitor))).not.toBe(0);
    expect(children.map(({ pid }) => terminalOf(pid))).toEqual(children.map(() => 0));
    process.kill(Number(monitor), 'SIGTERM');
    await terminal.closed;
  },
);
