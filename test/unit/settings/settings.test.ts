import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandHelp } from '../../../src/cli/help.js';
import { parse } from '../../../src/cli/parse.js';
import { start } from '../../../src/cli/start.js';
import { listenAddressText } from '../../../src/net/address.js';
import {
  flagOf,
  NAMES,
  readOptions,
  resolveSettings,
  type ServeOptions,
  type Settings,
  TABLE,
  variableOf,
} from '../../../src/settings/index.js';
import { temporaryFolder } from '../../helpers/folder.js';

/** As `prefork start` does. */
async function settingsFrom(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Settings> {
  const { values, positionals } = parse(start, argv);
  const [app = '', ...args] = positionals;
  return resolveSettings({ app, args, flags: values, env });
}

function folder(files: Record<string, string> = {}): string {
  const path = realpathSync(temporaryFolder());
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

test('the defaults', async () => {
  const { workers, ...rest } = await settingsFrom(['app.js']);
  expect(workers).toBeGreaterThan(0);
  expect(rest).toEqual({
    app: 'app.js',
    args: [],
    listen: [],
    socketMode: undefined,
    socketOwner: undefined,
    allowListen: [],
    preload: true,
    preloadModules: [],
    warmUp: undefined,
    concurrency: 0,
    clientTimeout: undefined,
    deferAccept: false,
    backlog: undefined,
    spawnTimeout: 30_000,
    bootTimeout: 30_000,
    grace: 30_000,
    streamGrace: 5000,
    stuckTimeout: 60_000,
    maxRequests: 0,
    maxMemory: 0,
    maxMemoryKind: 'pss',
    maxYoungGeneration: 8 * 2 ** 20,
    renewMemory: 0,
    renewInterval: 60_000,
    maxLifetime: 0,
    maxCrashes: 0,
    jitter: 0.1,
    allowSharedSockets: false,
    holdConnects: ['auto'],
    user: undefined,
    group: undefined,
    groups: undefined,
    allowNewPrivileges: false,
    rlimit: [],
    undumpable: false,
    log: 'plain',
    pidfile: undefined,
    statusPort: undefined,
    statusHost: '127.0.0.1',
    cwd: undefined,
  });
});

test('flags stand before the app and after it, and what follows -- is the app’s', async () => {
  const settings = await settingsFrom(['--listen', '80', 'app.js', '-w', '3', '--listen=[::1]:81', '--', '-w', '4']);
  expect(settings).toMatchObject({
    workers: 3,
    listen: [{ port: 80 }, { host: '::1', port: 81 }],
    app: 'app.js',
    args: ['-w', '4'],
  });
  expect(await settingsFrom(['-w3', '--', '-w'])).toMatchObject({ workers: 3, app: '-w', args: [] });
});

test.each([
  [['--no-preload'], { preload: false }],
  [['--no-preload=no'], { preload: true }],
  [['--preload', 'a', '--preload', './b.js'], { preloadModules: ['a', './b.js'] }],
  [['--allow-shared-sockets'], { allowSharedSockets: true }],
  [['--allow-shared-sockets=false'], { allowSharedSockets: false }],
  [['--max-memory', '300M', '--max-memory-kind', 'rss'], { maxMemory: 300 * 2 ** 20, maxMemoryKind: 'rss' }],
  [['--hold-connects', 'none'], { holdConnects: ['none'] }],
  [
    ['--hold-connects=db:5432,/run/db', '--hold-connects', '[::1]:1'],
    { holdConnects: ['db:5432', '/run/db', '[::1]:1'] },
  ],
  [['--jitter', '25'], { jitter: 0.25 }],
  [['--socket-mode', '660', '--socket-owner', 'www-data:33'], { socketMode: 0o660, socketOwner: 'www-data:33' }],
  [['--socket-mode=0770', '--socket-owner=:adm'], { socketMode: 0o770, socketOwner: ':adm' }],
  [['--pidfile=--odd'], { pidfile: '--odd' }],
])('%j', async (flags, expected) => {
  expect(await settingsFrom([...flags, 'app.js'])).toMatchObject(expected);
});

describe('the sources', () => {
  const config = { workers: 2, grace: 2000, listen: [2], log: 'json' };
  const env = { PREFORK_WORKERS: '3', PREFORK_GRACE: '3', PREFORK_LISTEN: '3,unix:/3', PREFORK_PRELOAD: '0' };

  test('flags go before the environment, that before the config file', async () => {
    const cwd = folder({ 'prefork.config.json': JSON.stringify(config) });
    const all = await settingsFrom(['--cwd', cwd, '-w', '4', 'app.js'], env);
    expect(all).toMatchObject({
      workers: 4,
      grace: 3000,
      listen: [{ port: 3 }, { path: '/3' }],
      preload: false,
      log: 'json',
      cwd,
    });
    expect(await settingsFrom(['app.js'], { PREFORK_CWD: cwd })).toMatchObject({
      workers: 2,
      listen: [{ port: 2 }],
      cwd,
    });
  });

  test('an empty variable says nothing', async () => {
    expect(await settingsFrom(['app.js'], { PREFORK_GRACE: '', PREFORK_CONFIG: '' })).toMatchObject({ grace: 30_000 });
  });

  test('prefork.config.json is found', async () => {
    const cwd = folder({ 'prefork.config.json': '{ "workers": 7 }' });
    expect(await settingsFrom(['--cwd', cwd, 'app.js'])).toMatchObject({ workers: 7 });
  });

  test('a config file by name, from the folder on that is changed to', async () => {
    const cwd = folder({ 'own.json': '{ "workers": 7 }', 'prefork.config.json': '{ "workers": 8 }' });
    expect(await settingsFrom(['--cwd', cwd, '--config', 'own.json', 'app.js'])).toMatchObject({ workers: 7 });
    const variables = { PREFORK_CONFIG: join(cwd, 'own.json') };
    expect(await settingsFrom(['app.js'], variables)).toMatchObject({ workers: 7 });
    expect(await settingsFrom(['-c', join(cwd, 'prefork.config.json'), 'app.js'], variables)).toMatchObject({
      workers: 8,
    });
  });

  test("a config file's folder is relative to the file", async () => {
    const top = folder({ 'own.json': '{ "cwd": "sub" }' });
    mkdirSync(join(top, 'sub'));
    expect(await settingsFrom(['-c', join(top, 'own.json'), 'app.js'])).toMatchObject({ cwd: join(top, 'sub') });
  });
});

describe('what is wrong is named, with where it stands and what is wanted', () => {
  const number = 'must be a whole number from 1 to 512';

  test.each([
    [['-w', '0'], {}, `--workers ${number}, not '0'`],
    [['--socket-mode', '888'], {}, "--socket-mode must be an octal mode as text, such as '660', not '888'"],
    [['--socket-owner', 'a:b:c'], {}, "--socket-owner must be USER, USER:GROUP or :GROUP, not 'a:b:c'"],
    [['--no-preload=x'], {}, "--no-preload must be true or false, not 'x'"],
    [
      ['--listen', '80', '--listen', 'x'],
      {},
      "--listen must be PORT, HOST:PORT, [IPv6]:PORT, unix:PATH or unix:@NAME (of at most 107 bytes), not 'x'",
    ],
    [['--hold-connects', 'db'], {}, "--hold-connects must be auto, none, HOST:PORT, [IPv6]:PORT or a path, not 'db'"],
    [
      [],
      { PREFORK_HOLD_CONNECTS: 'db:1,none' },
      "PREFORK_HOLD_CONNECTS must be auto, none, HOST:PORT, [IPv6]:PORT or a path, not 'db:1,none'",
    ],
    [[], { PREFORK_WORKERS: 'many' }, `PREFORK_WORKERS ${number}, not 'many'`],
    [[], { PREFORK_MAX_MEMORY_KIND: 'uss' }, "PREFORK_MAX_MEMORY_KIND must be pss or rss, not 'uss'"],
  ])('%j %j', async (flags, env, message) => {
    const error = {
      code: 'ERR_PREFORK_INVALID_OPTION',
      message: `${message}; 'prefork start --help' tells all settings`,
    };
    await expect(settingsFrom([...flags, 'app.js'], env)).rejects.toMatchObject(error);
  });

  test.each([
    ['{ "wrokers": 1 }', /^unknown setting 'wrokers' in (.*); did you mean workers\?;/],
    ['{ "__proto__": 1 }', /^unknown setting '__proto__' in /],
    ['{ "workers": 0 }', /^workers in (.*) must be a whole number from 1 to 512, not 0;/],
    ['{ "grace": 30 }', /^grace in (.*) must be a time such as .*, not 30 \(a number counts milliseconds\);/],
    ['{ "listen": ["80", {}] }', /^listen in (.*) must be PORT.*, not \{\};/],
    ['{ "socketMode": 440 }', /^socketMode in (.*) must be an octal mode as text, such as '660', not 440;/],
    ['{ "pidfile": null }', /^pidfile in (.*) must be text that is not empty, not null;/],
    ['{', /^cannot load the config file (.*): .*JSON/],
    ['[]', /^the config file (.*) must hold an object;/],
  ])('a config file that holds %s', async (text, message) => {
    const file = join(folder({ 'own.json': text }), 'own.json');
    const error = await settingsFrom(['--config', file, 'app.js']).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'ERR_PREFORK_INVALID_OPTION', message: expect.stringMatching(message) });
    expect(error.message).toContain('own.json');
  });

  test('a config file that is named and missing', async () => {
    await expect(settingsFrom(['--config', 'none.json', 'app.js'])).rejects.toThrow(
      /^cannot load .* none\.json: ENOENT/,
    );
  });
});

describe("the library's options", () => {
  const read = (given: object) => readOptions({ app: 'app.js', ...given } as ServeOptions);

  test('as data', () => {
    expect(read({})).toEqual({ app: 'app.js', args: [], options: { settings: {} } });
    const { app, args } = read({ app: pathToFileURL('/srv/an app.js'), args: ['-w'] });
    expect([app, ...args]).toEqual(['/srv/an app.js', '-w']);
    const amounts = { workers: 2, grace: 1500, bootTimeout: '2m', jitter: 0.07, maxMemory: '1G' };
    expect(read(amounts).options.settings).toEqual({ ...amounts, bootTimeout: 120_000, maxMemory: 2 ** 30 });
    const others = { preload: false, listen: [80, 'unix:/s'], config: 'c.json', env: {}, pidfile: undefined };
    expect(read(others).options).toEqual({
      config: 'c.json',
      settings: { preload: false, listen: [{ port: 80 }, { path: '/s' }] },
    });
  });

  test.each([
    [{ wrokers: 1 }, "unknown setting 'wrokers'; did you mean workers?"],
    [{ workers: 0 }, 'workers must be a whole number from 1 to 512, not 0'],
    [{ workers: [1] }, 'workers must be a whole number from 1 to 512, not [ 1 ]'],
    [{ jitter: 10 }, 'jitter must be per cent, from 0 to 100, not 10 (a number counts parts of 1)'],
    [
      { listen: ['', 'x'] },
      "listen must be PORT, HOST:PORT, [IPv6]:PORT, unix:PATH or unix:@NAME (of at most 107 bytes), not 'x'",
    ],
    [{ app: '' }, "app must be the app's path or file: URL"],
    [{ app: undefined }, "app must be the app's path or file: URL"],
  ])('%j fails', (given, message) => {
    const error = {
      code: 'ERR_PREFORK_INVALID_OPTION',
      message: `${message}; 'prefork start --help' tells all settings`,
    };
    expect(() => read(given)).toThrow(expect.objectContaining(error));
  });

  test('give the same settings in the monitor, whatever the environment says', () => {
    const env = { PREFORK_PRELOAD: '0', PREFORK_ALLOW_SHARED_SOCKETS: '1', PREFORK_LISTEN: '1', PREFORK_WORKERS: '1' };
    fc.assert(
      fc.property(settings, (given) => {
        const { socketMode, listen, allowListen, ...rest } = given;
        const places = { listen: listen.map(listenAddressText), allowListen: allowListen.map(listenAddressText) };
        const mode = socketMode === undefined ? {} : { socketMode: socketMode.toString(8).padStart(3, '0') };
        const { options, ...app } = readOptions({ ...rest, ...places, ...mode });
        const told = JSON.parse(JSON.stringify(options));
        expect(resolveSettings({ ...app, flags: {}, options: told, env })).toEqual(given);
      }),
    );
  });
});

const word = fc.string({ minLength: 1 }).filter((each) => !each.includes('\0'));
const time = fc.integer({ min: 100, max: 24 * 86_400_000 });
const timeOrNone = fc.oneof(fc.constant(0), time);
const host = fc.oneof(
  fc.ipV4(),
  fc.domain(),
  fc.ipV6().map((each) => `[${each}]`),
);
const port = fc.nat(65535);
const address = fc.oneof(
  fc.record({ port }),
  fc.record({ port, host: fc.oneof(fc.ipV4(), fc.domain(), fc.ipV6()) }),
  fc.record({ path: fc.stringMatching(/^[\w/.,=-]{1,107}$/) }),
);

const destination = fc.oneof(
  fc.tuple(host, port).map(([name, number]) => `${name}:${number}`),
  fc.stringMatching(/^\/[\w/.=-]{1,100}$/),
  fc.stringMatching(/^[\w/.=-]{1,100}$/).map((path) => `unix:${path}`),
);

const settings: fc.Arbitrary<Settings> = fc.record({
  app: word,
  args: fc.array(fc.string()),
  workers: fc.integer({ min: 1, max: 512 }),
  listen: fc.array(address),
  allowListen: fc.array(address),
  socketMode: fc.option(fc.nat(0o777), { nil: undefined }),
  socketOwner: fc.option(fc.constantFrom('root', '0:0', 'www-data:adm', ':33'), { nil: undefined }),
  preload: fc.boolean(),
  preloadModules: fc.array(word),
  warmUp: fc.option(word, { nil: undefined }),
  concurrency: fc.nat(1_000_000_000),
  clientTimeout: fc.option(timeOrNone, { nil: undefined }),
  deferAccept: fc.boolean(),
  backlog: fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
  spawnTimeout: time,
  bootTimeout: time,
  grace: timeOrNone,
  streamGrace: timeOrNone,
  stuckTimeout: timeOrNone,
  maxRequests: fc.nat(1_000_000_000),
  maxMemory: fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 20, max: 2 ** 50 })),
  maxMemoryKind: fc.constantFrom('pss', 'rss'),
  maxYoungGeneration: fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 20, max: 2 ** 50 })),
  renewMemory: fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 20, max: 2 ** 50 })),
  renewInterval: time,
  maxLifetime: timeOrNone,
  maxCrashes: fc.nat(1000),
  jitter: fc.nat(1000).map((each) => each / 1000),
  allowSharedSockets: fc.boolean(),
  holdConnects: fc.oneof(fc.constantFrom(['none'], ['auto'], []), fc.array(destination)),
  user: fc.option(word, { nil: undefined }),
  group: fc.option(word, { nil: undefined }),
  groups: fc.option(fc.array(word), { nil: undefined }),
  allowNewPrivileges: fc.boolean(),
  rlimit: fc.array(fc.constantFrom('nofile=1024', 'core=0:unlimited', 'as=unlimited')),
  undumpable: fc.boolean(),
  log: fc.constantFrom('plain', 'json'),
  pidfile: fc.option(word, { nil: undefined }),
  statusPort: fc.option(port, { nil: undefined }),
  statusHost: word,
  cwd: fc.option(fc.constantFrom('/', '/a b/c', '/-'), { nil: undefined }),
});

describe('the help', () => {
  const help = commandHelp(start);

  test.each(NAMES)('has %s, with its default', (name) => {
    const { kind, default: value, help: text, byDefault } = TABLE[name];
    const line = help.split('\n').find((each) => each.includes(`--${flagOf(name)} `));
    expect(line).toContain(text);
    expect(line).toContain(kind.placeholder === undefined ? '' : `<${kind.placeholder}>`);
    if (byDefault !== undefined) expect(line).toContain(`(default: ${byDefault})`);
    else if (typeof value === 'number') expect(line).toMatch(/\(default: \d+(s|%)\)$/);
  });

  test('flags and variables are all different', () => {
    expect(new Set(NAMES.map(flagOf)).size).toBe(NAMES.length);
    expect(new Set(NAMES.map(variableOf)).size).toBe(NAMES.length);
    expect(variableOf('allowSharedSockets')).toBe('PREFORK_ALLOW_SHARED_SOCKETS');
  });
});
