import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connect } from '../../helpers/client.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT, startNode, startPrefork } from '../../helpers/process.js';

const FIXTURES = join(ROOT, 'test/fixtures/run');

describe.each([
  ['plain node', () => startNode(['examples/prefork.mjs', '--port', '0'])],
  ['prefork run', () => startPrefork(['run', 'examples/prefork.mjs', '--port', '0'])],
])('a script of one’s own by %s', (_, startExample) => {
  test('forks, accepts and waits', async () => {
    const example = await startExample();
    const port = Number((await example.line(/^listening on port (\d+)$/))[1]);
    const children = (await example.lines(3, /^Child (\d+) is accepting\.\.\.$/)).map(([, pid]) => pid);
    const greeters = [];
    for (let n = 0; n < 3; n++) {
      const client = await connect(port);
      await client.ended;
      greeters.push(/^Hello from child (\d+)!\n$/.exec(client.text)?.[1]);
    }
    expect(greeters.sort()).toEqual(children.sort());
    const ended = (await example.lines(3, /^child (\d+) has ended with status 0$/)).map(([, pid]) => pid);
    expect(ended.sort()).toEqual(children.sort());
    expect(await example.closed).toEqual({ code: 0, signal: null });
  });
});

test('the script is the same process, and has its arguments as under plain node', async () => {
  const args = ['--port', '1', '--help', '-h', '--', '', 'a b', '--version'];
  const script = 'test/fixtures/run/shown.mjs';
  const shown = await startPrefork(['run', script, ...args], { env: { UV_USE_IO_URING: '1' } });
  expect(await shown.closed).toEqual({ code: 7, signal: null });
  expect(JSON.parse(shown.stdout.text)).toEqual({
    pid: shown.pid,
    argv: [process.execPath, join(ROOT, script), ...args],
    argv0: process.execPath,
    execArgv: [],
    uring: '0',
  });
  const plain = await startNode([script, ...args]);
  await plain.closed;
  expect(JSON.parse(shown.stdout.text)).toEqual({ ...JSON.parse(plain.stdout.text), pid: shown.pid, uring: '0' });
});

test('Node’s own flags are kept', async () => {
  const flags = ['--no-warnings', '--stack-trace-limit=3'];
  const shown = await startNode([...flags, 'dist/cli/main.js', 'run', `${FIXTURES}/shown.mjs`]);
  await shown.closed;
  expect(JSON.parse(shown.stdout.text).execArgv).toEqual(flags);
});

test('CommonJS', async () => {
  const common = await startPrefork(['run', `${FIXTURES}/common.cjs`]);
  expect(await common.closed).toEqual({ code: 0, signal: null });
  expect(JSON.parse(common.stdout.text)).toMatchObject({
    main: true,
    file: `${FIXTURES}/common.cjs`,
    child: { code: 5, signal: null },
  });
});

describe('a script is found as node finds it', () => {
  function folder(files: Record<string, string>): string {
    const path = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    return path;
  }
  const script = 'console.log("found", process.argv.length)';

  test.each([
    ['without its extension', 'script.js', ['script', 'x']],
    ['as a folder', 'index.js', ['.', 'x']],
    ['with a name like a flag', '-e.js', ['--', '-e.js', 'x']],
  ])('%s', async (_, name, args) => {
    const found = await startPrefork(['run', ...args], { cwd: folder({ [name]: script }) });
    expect(await found.closed).toEqual({ code: 0, signal: null });
    expect(found.text).toBe('found 3\n');
  });

  test('or not at all, in one line', async () => {
    const cwd = folder({});
    const missing = await startPrefork(['run', 'nope.js'], { cwd });
    expect(await missing.closed).toEqual({ code: 1, signal: null });
    expect(missing.text).toBe(`prefork: cannot find the script ${cwd}/nope.js; the path is relative to ${cwd}\n`);
  });
});

test('no script at all is a wrong use', async () => {
  const nothing = await startPrefork(['run']);
  expect(await nothing.closed).toEqual({ code: 2, signal: null });
  expect(nothing.text).toBe("prefork: which script? 'prefork run script.js', its arguments after it\n");
});
