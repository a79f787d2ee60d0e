import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { CLI, ROOT, start, startPrefork } from '../../helpers/process.js';

test.each([
  [['--version'], 0, `${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`],
  [['ehco'], 2, "prefork: unknown command 'ehco'; did you mean echo?\n"],
  [['--vresion'], 2, 'prefork: unknown option --vresion; did you mean --version?\n'],
  [['lesson', '--lagn', 'ja'], 2, 'prefork: unknown option --lagn; did you mean --lang?\n'],
  [['lesson', '10'], 2, "prefork: no lesson '10'; there are 1 to 9: see 'prefork lesson'\n"],
  [['lesson', '0'], 2, "prefork: no lesson '0'; there are 1 to 9: see 'prefork lesson'\n"],
  [['lesson', '1', '2'], 2, "prefork: one lesson at a time: unexpected argument '2'\n"],
  [['lesson', '2', '--echo'], 2, 'prefork: --echo is for lesson 3\n'],
  [['lesson', '2', '--workers', '3'], 2, 'prefork: --workers is for lesson 5, 6, 7, 9\n'],
  [['lesson', '7', '--workers', '0'], 2, "prefork: --workers must be a whole number from 1 to 100, not '0'\n"],
  [['lesson', '--lang', 'fr'], 2, "prefork: --lang must be one of en, ja, not 'fr'\n"],
])('%j ends with status %i', async (args, code, text) => {
  const command = await startPrefork(args);
  expect(await command.closed).toEqual({ code, signal: null });
  expect(command.text).toBe(text);
  expect(command.stdout.text).toBe(code === 0 ? text : '');
});

test.each([[['--help']], [['-h']], [[]]])('%j shows the commands', async (args) => {
  const command = await startPrefork(args);
  expect(await command.closed).toEqual({ code: 0, signal: null });
  expect(command.stdout.text).toMatch(
    /^Usage: prefork <command>.*\n {2}start .*\n {2}stop .*\n {2}echo .*\n {2}lesson .*\n {2}run /s,
  );
});

test('lists the lessons, in both languages', async () => {
  const english = await startPrefork(['lesson'], { env: { LC_ALL: 'C' } });
  const japanese = await startPrefork(['lesson'], { env: { LC_ALL: 'ja_JP.UTF-8' } });
  await Promise.all([english.closed, japanese.closed]);
  expect(english.text.match(/^\d .+$/gm)).toHaveLength(9);
  expect(english.text).toMatch(/^1 {2}A TCP socket is a file\n/);
  expect(japanese.text).toMatch(/^1 {2}tcp socketはファイルである\n(\d .*\n){8}$/);
});

test('NODE_DEBUG=prefork adds the stack', async () => {
  const command = await startPrefork(['run', 'nope.js'], { env: { NODE_DEBUG: 'prefork' } });
  await command.closed;
  expect(command.stderr.text).toMatch(
    /^PREFORK \d+: Error: cannot find .*\n {4}at .*MODULE_NOT_FOUND.*\nprefork: cannot/s,
  );
});

test.each([
  [['start'], 2, "prefork: which app? 'prefork start app.js', its own arguments after '--'\n"],
  [['start', '-w', '0', 'app.js'], 2, /^prefork: --workers must be .* not '0'; 'prefork start --help' tells .*\n$/],
  [['start', '--wrokers', '1', 'app.js'], 2, 'prefork: unknown option --wrokers; did you mean --workers?\n'],
  [['start', '-w', '1', 'none.js'], 1, /^prefork: cannot find the app \/.*none\.js; the path is relative to \/.*\n$/],
  [['start', '--cwd', '/', 'none.js'], 1, 'prefork: cannot find the app /none.js; the path is relative to /\n'],
])('%j ends with status %i', async (args, code, text) => {
  const command = await startPrefork(args);
  expect(await command.closed).toEqual({ code, signal: null });
  expect(command.text).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
});

test.each(['start', 'run'])('%s in a folder that was removed says so', async (name) => {
  const folder = temporaryFolder();
  const inFolder = 'cd "$0" && rmdir "$0" && exec "$@"';
  const command = await start('sh', ['-c', inFolder, folder, process.execPath, CLI, name, join(ROOT, 'x.js')]);
  expect(await command.closed).toEqual({ code: 1, signal: null });
  expect(command.text).toMatch(/^prefork: .*; the working directory was removed: change to one that is there\n$/);
});
