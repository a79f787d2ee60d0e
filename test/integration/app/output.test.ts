// What an app has written while it was loaded is written once, and what a worker logs has that worker's process id.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT, start } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

interface Line {
  readonly msg: string;
  readonly pid: number;
}

test("pino: a line that was kept at the fork is written once; a worker's lines have its pid, children included", async () => {
  const server = await startServer({ app: 'test/fixtures/apps/pino.cjs' });
  const [, zygote] = await server.running.line(/zygote gen 1 pid (\d+): the app is loaded/);
  const asked = Number(await server.ask());
  server.signal('SIGTERM');
  await server.ended; // Each worker writes what it keeps as it ends.
  const lines = server.running.stdout.text.trim().split('\n');
  const logged = lines.map((line) => JSON.parse(line) as Line).map(({ msg, pid }) => ({ msg, pid }));
  expect(logged.slice(0, 1)).toEqual([{ msg: 'loaded', pid: Number(zygote) }]);
  expect(logged.slice(1).sort((one, other) => one.msg.localeCompare(other.msg))).toEqual([
    { msg: 'answered', pid: asked },
    { msg: 'asked', pid: asked },
    { msg: 'other', pid: asked },
  ]);
});

test('pino: the fork waits for a slow transport, so that no line of the load is written twice', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'log');
  const server = await startServer({ app: 'test/fixtures/apps/pino-transport.mjs', appArgs: [file] });
  await server.ask();
  await eventually('the line of the request is written', () => /a request in/.test(readFileSync(file, 'utf8')));
  server.signal('SIGTERM');
  await server.ended; // Each worker writes what it keeps as it ends.
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => `the app starts, ${i + 1}`));
  expect(lines).toHaveLength(21);
});

test('the fork waits for a slow reader of standard output, so that nothing is written twice', async () => {
  const cli = join(ROOT, 'dist/cli/main.js');
  // The reader begins when it is told to.
  const pipeline = `exec 3<&0; "$@" start -w 3 test/fixtures/apps/output.cjs | { read go <&3; cat; }`;
  const running = await start('sh', ['-c', pipeline, 'sh', process.execPath, cli]);
  await running.stderr.line(/^has said it$/);
  running.stdin.write('go\n');
  await running.stderr.line(/serving on/);
  await running.stdout.line(/^begin x+ end$/);
  expect(running.stdout.text.match(/begin|end/g)).toEqual(['begin', 'end']);
});
