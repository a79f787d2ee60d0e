import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { APP, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { processIds } from '../../helpers/proc.js';
import { ROOT, type Running, startNode, startPrefork } from '../../helpers/process.js';

/** What a process was told at its start about the service that it belongs to. */
function launchOf(pid: number): string {
  try {
    return /(?:^|\0)PREFORK_ZYGOTE=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1] ?? '';
  } catch {
    return ''; // It has ended.
  }
}

/** The zygotes that a monitor has started, also those that it has left behind. */
function zygotesOf(monitor: number): number[] {
  return processIds().filter((pid) => launchOf(pid).includes(`"monitor":${monitor}`));
}

test('the zygote is started before the monitor has read its settings, and is told them', async () => {
  const server = await startServer({ workers: 1, appArgs: ['one', 'two words'] });
  const told = JSON.parse(launchOf(server.zygote as number));
  expect(Object.keys(told).sort()).toEqual(['channelFd', 'monitor', 'ownVariables']);
  expect(zygotesOf(server.pid)).toContain(server.zygote);
});

test('an app is given more arguments than one variable can hold, also after a reload', async () => {
  const appArgs = Array.from({ length: 200 }, (_, index) => `${index}`.padEnd(1000, '-'));
  const server = await startServer({ app: 'test/fixtures/start/arguments.mjs', workers: 1, appArgs });
  expect(await server.ask()).toBe(appArgs.join());
  const replaced = server.pids;
  server.signal('SIGHUP');
  await server.full(replaced);
  expect(await server.ask()).toBe(appArgs.join());
});

test.for([
  ['another folder', { args: ['--cwd', ROOT] }],
  ['flags of Node', { program: ['--max-http-header-size=20000', join(ROOT, 'dist/cli/main.js')] }],
  ['a variable of Node', { env: { NODE_OPTIONS: '--max-http-header-size=20000' } }],
  ['the app not loaded in it', { args: ['--no-preload'] }],
  ['limits', { args: ['--rlimit', 'nofile=500'] }],
] as const)('a zygote that needs %s is started once that is known', async ([, options]) => {
  const server = await startServer({ workers: 1, ...options });
  expect(JSON.parse(launchOf(server.zygote as number))).toHaveProperty('options');
});

test('a zygote for another folder, by the config file, replaces the one that waits', async () => {
  const config = join(temporaryFolder(), 'config.mjs');
  writeFileSync(config, `export default { cwd: ${JSON.stringify(join(ROOT, 'test'))} };`);
  const server = await startServer({ workers: 1, app: join(ROOT, APP), args: ['--config', config] });
  expect(JSON.parse(launchOf(server.zygote as number))).toHaveProperty('options');
  const others = zygotesOf(server.pid).filter((pid) => !launchOf(pid).includes('"options"'));
  expect(others).toEqual([]);
});

test.for([
  ['a bad flag', ['--workers', 'many'], 2],
  ['an unknown flag', ['--wrokers', '2'], 2],
  ['a pidfile in no folder', ['--pidfile', '/nowhere/pid'], 1],
] as const)('a start that fails by %s leaves no process behind', async ([, args, code]) => {
  const { closed, pid } = await startPrefork(['start', ...args, APP]);
  expect(await closed).toEqual({ code, signal: null });
  expect(zygotesOf(pid)).toEqual([]);
});

test('a start that fails by a busy port leaves no process behind', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const { closed, pid } = await startPrefork(['start', '--listen', `127.0.0.1:${port}`, APP]);
  expect((await closed).code).not.toBe(0);
  expect(zygotesOf(pid)).toEqual([]);
});

test('no code of the app runs in a start that is refused', async () => {
  const { closed, stdout, stderr } = await startPrefork(['start', '--pidfile', '/nowhere/pid', APP]);
  await closed;
  expect(`${stdout.text}${stderr.text}`).not.toMatch(/zygote|loaded/);
});

test('a zygote that has died while it waited is not taken', async () => {
  const p = await startMonitor(`
    const command = zygoteCommand({ preload: true, nodeFlags: { argv: [], options: undefined } }, PROGRAM);
    const [living, dead] = [EarlyZygote.start([]), EarlyZygote.start([])];
    process.kill(dead.pid, 'SIGKILL');
    while (!/\\) Z /.test(readFileSync(\`/proc/\${dead.pid}/stat\`, 'latin1')));
    console.log('taken', living.take(command, process.cwd()), dead.take(command, process.cwd()));
    process.kill(living.pid, 'SIGKILL');`);
  await p.line(/^taken true false$/);
});

test('a zygote that waits ends with its monitor', async () => {
  const p = await startMonitor("console.log('waits', EarlyZygote.start([]).pid); setInterval(() => {}, 1000);");
  await p.line(/^waits \d+$/);
  process.kill(p.pid, 'SIGKILL');
  await p.closed; // The zygote holds the outputs, too.
  expect(zygotesOf(p.pid)).toEqual([]);
});

/** A program that has zygotes wait. */
function startMonitor(code: string): Promise<Running> {
  const file = join(temporaryFolder(), 'monitor.mjs');
  const built = (path: string) => JSON.stringify(join(ROOT, 'dist', path));
  writeFileSync(
    file,
    `import { readFileSync } from 'node:fs';
    import { EarlyZygote } from ${built('monitor/early-zygote.js')};
    import { zygoteCommand } from ${built('monitor/zygote-command.js')};
    const PROGRAM = ${built('app/zygote-run.cjs')};
    ${code}`,
  );
  return startNode([file]);
}
