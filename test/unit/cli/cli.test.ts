import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Command, integer, type Options, UsageError } from '../../../src/cli/command.js';
import { explain } from '../../../src/cli/explain.js';
import { commandHelp, mainHelp } from '../../../src/cli/help.js';
import { parse } from '../../../src/cli/parse.js';
import { language } from '../../../src/tutorial/lessons/lesson.js';
import { nearest } from '../../../src/util/nearest.js';
import { ROOT, startPrefork } from '../../helpers/process.js';

const options: Options = {
  port: { type: 'string', short: 'p', default: '12345', placeholder: 'number', help: 'where to listen' },
  echo: { type: 'boolean', help: 'send the lines back' },
};
const command: Command = { name: 'serve', summary: 'Serve.', positionals: '[N]', options, run: () => undefined };

describe('parsing', () => {
  test('values, short forms, defaults and positional arguments', () => {
    expect(parse(command, [])).toEqual({ values: { port: '12345' }, positionals: [] });
    expect(parse(command, ['-p', '1', '--echo', '3'])).toEqual({
      values: { port: '1', echo: true },
      positionals: ['3'],
    });
    expect(parse(command, ['3', '--port=', '--', '--echo'])).toEqual({
      values: { port: '' },
      positionals: ['3', '--echo'],
    });
    expect(parse(command, ['-h']).values.help).toBe(true);
    expect(parse(command, ['--port', '-1']).values.port).toBe('-1');
  });

  test('what is handed over stays as it is', () => {
    const run = { options, positionals: 'script', passThrough: true };
    expect(parse(run, ['--echo', 's.js', '--port', '1', '--', '-h'])).toEqual({
      values: { port: '12345', echo: true },
      positionals: ['s.js', '--port', '1', '--', '-h'],
    });
    expect(parse(run, ['--', '-h', '--', 'x']).positionals).toEqual(['-h', '--', 'x']);
    expect(() => parse(run, ['--inspect', 's.js'])).toThrow(UsageError);
  });

  test("an option's value is not where the rest begins", () => {
    const run = { options, positionals: 'script', passThrough: true };
    expect(parse(run, ['--port', '1', 's.js', '-p', '2'])).toEqual({
      values: { port: '1' },
      positionals: ['s.js', '-p', '2'],
    });
    expect(parse(run, ['-p', '1', '--', '--echo'])).toEqual({ values: { port: '1' }, positionals: ['--echo'] });
    expect(() => parse(run, ['-p', '--', 's.js'])).toThrow(new UsageError('-p needs a value: -p <number>'));
  });

  test('an option may be repeated, a switch told its value, and a value begin with a dash', () => {
    const more: Options = {
      load: { type: 'string', multiple: true, help: 'load it' },
      color: { type: 'switch', help: 'in colours' },
    };
    expect(parse({ options: more }, ['--load', 'a', '--color', '--load=--b'])).toEqual({
      values: { load: ['a', '--b'], color: true },
      positionals: [],
    });
    expect(parse({ options: more }, ['--color=no']).values).toEqual({ color: 'no' });
    expect(() => parse({ options: more }, ['--load', '--color'])).toThrow(UsageError);
  });

  test.each([
    [['--prot', '1'], 'unknown option --prot; did you mean --port?'],
    [['--ecoh'], 'unknown option --ecoh; did you mean --echo?'],
    [['--helpp'], 'unknown option --helpp; did you mean --help?'],
    [['--quite-another'], 'unknown option --quite-another'],
    [['-x'], 'unknown option -x'],
    [['--constructor'], 'unknown option --constructor'],
    [['--echo=yes'], '--echo takes no value'],
    [['--port'], '--port needs a value: --port <number>'],
    [['-p', '--echo'], '-p needs a value: -p <number>'],
  ])('%j fails: %s', (args, message) => {
    expect(() => parse(command, args)).toThrow(new UsageError(message));
  });

  test('a command without positional arguments takes none', () => {
    expect(() => parse({ options }, ['x'])).toThrow(new UsageError("unexpected argument 'x'"));
  });

  test('whole numbers within limits', () => {
    expect(integer('--port', '0', 0, 65535)).toBe(0);
    expect(integer('--port', '65535', 0, 65535)).toBe(65535);
    for (const bad of ['', '-1', '65536', '1.5', '0x10', '1e3', ' 1', '٣', 'ten']) {
      expect(() => integer('--port', bad, 0, 65535)).toThrow(
        new UsageError(`--port must be a whole number from 0 to 65535, not '${bad}'`),
      );
    }
  });
});

test('the nearest word, when one is near', () => {
  const words = ['echo', 'lesson', 'run'];
  expect(nearest('ehco', words)).toBe('echo');
  expect(nearest('lessons', words)).toBe('lesson');
  expect(nearest('leson', words)).toBe('lesson');
  expect(nearest('rn', words)).toBe('run');
  expect(nearest('cluster', words)).toBeUndefined();
  expect(nearest('', words)).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});

test('help is made from the table', () => {
  expect(commandHelp(command)).toBe(`Usage: prefork serve [options] [N]

Serve.

Options:
  -p, --port <number>  where to listen (default: 12345)
      --echo           send the lines back
  -h, --help           show this help
`);
  expect(commandHelp({ ...command, notes: 'Above all.' })).toMatch(/show this help\n\nAbove all\.\n$/);
  expect(mainHelp([command], {})).toContain('Commands:\n  serve  Serve.\n');
});

describe('an error in one line', () => {
  const failure = (properties: object) => Object.assign(new Error('bind EXXX'), { syscall: 'bind' }, properties);

  test('with what to do', () => {
    const inUse = failure({ code: 'EADDRINUSE', port: 80 });
    expect(explain(inUse)).toBe('port 80 is in use; choose another with --port, or any free one with --port 0');
    expect(explain(inUse, 'ja')).toMatch(/^80 portは使用中です。/);
    expect(explain(failure({ code: 'EACCES', port: 80 }))).toMatch(/^port 80 is for privileged users only; .*1024/);
    expect(explain(failure({ code: 'EADDRNOTAVAIL', address: '192.0.2.1' }))).toMatch(/^192\.0\.2\.1 is not .*--host$/);
  });

  test('or as it is', () => {
    expect(explain(failure({ code: 'ENOMEM' }))).toBe('bind EXXX');
    expect(explain(failure({ code: 'EADDRINUSE', port: 80, syscall: 'connect' }))).toBe('bind EXXX');
    expect(explain(new Error('one\n  two\nthree'))).toBe('one two three');
    expect(explain('thrown')).toBe('thrown');
  });
});

test.each([
  [{}, 'en'],
  [{ LANG: 'ja_JP.UTF-8' }, 'ja'],
  [{ LANG: 'ja' }, 'ja'],
  [{ LANG: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'ja_JP.eucJP' }, 'ja'],
  [{ LANG: 'ja_JP.UTF-8', LC_MESSAGES: 'C' }, 'en'],
  [{ LANG: 'C', LC_MESSAGES: 'C', LC_ALL: 'ja_JP.UTF-8' }, 'ja'],
  [{ LANG: 'ja_JP.UTF-8', LC_MESSAGES: 'ja_JP.UTF-8', LC_ALL: 'C.UTF-8' }, 'en'],
  [{ LANG: 'ja_JP.UTF-8', LC_MESSAGES: '', LC_ALL: '' }, 'ja'],
])('the language by %j is %s', (env, expected) => {
  expect(language(env)).toBe(expected);
});

describe('the built command', () => {
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
});
