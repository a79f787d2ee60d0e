import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Description, findServers, readServer, Scoreboard } from '../../../src/scoreboard/index.js';
import { openDescriptors } from '../../helpers/proc.js';
import { ROOT, type Running, startNode } from '../../helpers/process.js';

const SCOREBOARD = join(ROOT, 'dist/scoreboard/index.js');

function startScript(code: string): Promise<Running> {
  const script = `import { Scoreboard, readServer } from ${JSON.stringify(SCOREBOARD)};\n${code}`;
  return startNode(['--input-type=module', '-e', script]);
}

function attachTo(pid: number): Scoreboard {
  const [fd] = [...openDescriptors(pid)].find(([, what]) => what.includes('prefork-scoreboard')) ?? [];
  const own = openSync(`/proc/${pid}/fd/${fd}`, 'r');
  onTestFinished(() => closeSync(own));
  return Scoreboard.attach(own);
}

/** Describes itself again and again, in many lengths; `app` is as long as `generation` says. */
async function startWriter(): Promise<Running> {
  const writer = await startScript(`
    const board = Scoreboard.create();
    const base = { version: '0', pid: process.pid, args: [], cwd: '/', startedAt: 0, target: 1, stopping: false,
      reload: { state: 'none', generation: 0 }, zygote: null, listeners: [],
      counters: { forked: 0, died: 0, killed: 0, reloads: 0 } };
    const write = (generation) => board.describe({ ...base, generation, app: 'x'.repeat(generation) });
    write(1);
    console.log('writes');
    let turn = 0;
    const work = () => {
      for (let i = 0; i < 50; i++) write(turn++ * 97 % 40_000);
      setImmediate(work);
    };
    work();`);
  await writer.line(/^writes$/);
  return writer;
}

test('a reader never sees half a description, while it is written nor when its writer stops in the middle', async () => {
  const { pid } = await startWriter();
  const board = attachTo(pid);
  const seen = new Set<number>();
  const look = (description: Description | undefined) => {
    expect(description?.app.length).toBe(description?.generation);
    seen.add(description?.generation ?? -1);
  };
  for (let i = 0; i < 5000; i++) look(board.description);
  for (let i = 0; i < 30; i++) {
    process.kill(pid, 'SIGSTOP');
    look(readServer(pid).description);
    process.kill(pid, 'SIGCONT');
    look(readServer(pid).description);
  }
  expect(seen.size).toBeGreaterThan(50);
});

test('a running server is found by its monitor, once', async () => {
  const { pid } = await startWriter();
  expect(findServers().filter((found) => found === pid)).toEqual([pid]);
});

test('what is no server is named as what it is', async () => {
  expect(() => readServer(process.pid)).toThrow(`process ${process.pid}: it is not a prefork server`);
  expect(() => readServer(2 ** 22 + 1)).toThrow(`no such process: ${2 ** 22 + 1}`);
});

test.skipIf(process.getuid?.() !== 0)("somebody else's process is named as theirs", async () => {
  const reader = await startScript(`
    process.setuid(65534);
    try { readServer(${process.pid}); } catch (error) { console.log(error.message); }`);
  await reader.line(new RegExp(`^process ${process.pid} is user 0's; ask as that user, or as root$`));
});
