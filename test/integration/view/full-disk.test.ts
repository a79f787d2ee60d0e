// What prefork view writes meets a disk that is full: the figure goes on, and no program of its own is left behind.
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { processesWithEnvironment } from '../../helpers/proc.js';
import { CLI, type StartOptions, start, startPrefork } from '../../helpers/process.js';

/** Blocks of 512 bytes that a file of the program may have: sh's ulimit counts so. */
const MAX_BLOCKS = 16;

function startUnder(setUp: string, args: readonly string[], options?: StartOptions) {
  return start('sh', ['-c', `${setUp}; exec "$0" "$@"`, process.execPath, CLI, 'view', ...args], options);
}

test('a recording that finds no more room ends with a line; what was recorded can be replayed', async () => {
  const file = join(temporaryFolder(), 'recording');
  const view = await startUnder(`ulimit -f ${MAX_BLOCKS}`, ['--record', file]);
  const [, address] = await view.line(/^prefork view: (.*)/);
  const act = (what: object) => fetch(`${address}act`, { method: 'POST', body: JSON.stringify(what) });
  const ends = view.line(/^prefork: the recording in .* ends here: EFBIG/);
  let isRecording = true;
  ends.then(() => {
    isRecording = false;
  });
  for (let id = 1; isRecording; id++) {
    // Each comes and goes, so that what is recorded grows by the looks, not by the clients.
    expect((await act({ act: 'connect', kind: 'silent', count: 1 })).status).toBe(200);
    await act({ act: 'reset', client: id });
    await act({ act: 'forget', client: id });
  }
  expect(statSync(file).size).toBe(MAX_BLOCKS * 512);
  expect((await fetch(`${address}about`)).status).toBe(200);
  process.kill(view.pid, 'SIGINT');
  expect(await view.closed).toEqual({ code: 0, signal: null });

  const replay = await startPrefork(['view', file]);
  const [, again] = await replay.line(/^prefork view: (.*)/);
  const { mode, frames } = (await (await fetch(`${again}about`)).json()) as { mode: string; frames: unknown[] };
  expect(mode).toBe('replay');
  expect(frames.length).toBeGreaterThan(0);
});

test('an address that cannot be printed ends it with a complaint, and its own server too', async () => {
  const id = randomUUID();
  const view = await startUnder('exec 2>&1 >/dev/full', [], { env: { VIEW_TEST: id } });
  await view.line(/^prefork: cannot write to standard output: ENOSPC/);
  expect(await view.closed).toEqual({ code: 1, signal: null });
  expect(processesWithEnvironment('VIEW_TEST', id)).toEqual([]);
});
