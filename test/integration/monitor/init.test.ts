import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { APP } from '../../fixtures/start/server.js';
import { childrenOf, processStat, statusField } from '../../helpers/proc.js';
import { start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

/** Makes a command process 1 of its own tree, as in a container. */
const UNSHARE = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const { status, stderr } = spawnSync('unshare', [...UNSHARE, 'true'], { encoding: 'utf8' });
const refusal = status === 0 ? undefined : stderr?.trim();
const testInTree = testWith('unshare');

async function startAsInit() {
  const command = [process.execPath, 'dist/cli/main.js', 'start', '-w', '2', APP];
  const running = await start('unshare', [...UNSHARE, ...command]);
  const [, port] = await running.line(/monitor pid 1: serving on 127\.0\.0\.1:(\d+)/);
  const [monitor] = childrenOf(running.pid);
  return { running, url: `http://127.0.0.1:${port}`, monitor: monitor?.pid as number };
}

testInTree('process 1 reaps strangers', async ({ skip }) => {
  skip(refusal !== undefined, `unshare: ${refusal}`);
  const { url, monitor } = await startAsInit();
  await (await fetch(`${url}/orphan`)).text();
  const orphan = await eventually('it is the child of process 1', () => {
    return childrenOf(monitor).find(({ command }) => command === 'sleep');
  });
  process.kill(orphan.pid, 'SIGKILL');
  await eventually('it is reaped', () => processStat(orphan.pid) === undefined);
  expect((await fetch(url)).status).toBe(200);
});

testInTree.for([
  ['SIGTERM', 0],
  ['SIGINT', 130],
] as const)('process 1 stops at %s', async ([signal, code], { skip }) => {
  skip(refusal !== undefined, `unshare: ${refusal}`);
  const { running, monitor } = await startAsInit();
  process.kill(monitor, signal);
  expect(await running.closed).toEqual({ code, signal: null });
});

testInTree('process 1 replaces a worker that is killed', async ({ skip }) => {
  skip(refusal !== undefined, `unshare: ${refusal}`);
  const { running, url, monitor } = await startAsInit();
  const [, inner] = await running.line(/worker 0 gen 1 pid (\d+): ready/);
  const worker = childrenOf(monitor).find(({ pid }) => innerPid(pid) === inner);
  process.kill(worker?.pid as number, 'SIGKILL');
  await running.line(new RegExp(`pid ${inner}: died \\(SIGKILL\\)`));
  await running.line(/worker 0 gen 1 pid \d+: ready/);
  expect((await fetch(url)).status).toBe(200);
});

testInTree.for([
  ['of another PID namespace', ['--pid', '--fork', '--kill-child'], []],
  ['that is not mounted', ['--mount'], ['sh', '-c', 'umount -l /proc && exec "$@"', 'sh']],
] as const)('a /proc %s is refused', async ([, namespaces, before], { skip }) => {
  skip(refusal !== undefined, `unshare: ${refusal}`);
  const prefork = [...before, process.execPath, 'dist/cli/main.js', 'start', APP];
  const running = await start('unshare', [...namespaces, ...prefork]);
  expect(await running.closed).toEqual({ code: 1, signal: null });
  expect(running.stderr.text).toMatch(/^prefork: prefork finds threads .* \/proc, which is .*; mount it .*\n$/);
});

/** What a process's own tree calls it. */
function innerPid(pid: number): string | undefined {
  return statusField(pid, 'NSpid')?.split(/\s+/).at(-1);
}
