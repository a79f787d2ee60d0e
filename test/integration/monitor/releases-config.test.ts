import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from 'prefork';
import { expect, onTestFinished, test } from 'vitest';
import { type Answer, answer, appOf, Releases, reload } from '../../fixtures/start/releases.js';
import { type Server, startServer } from '../../fixtures/start/server.js';
import { startPrefork } from '../../helpers/process.js';

const DONE = { code: 0 };

/** Two releases with a config file each, of which 'current' leads to the first. */
function configured(first: object, second: object): Releases {
  const releases = new Releases();
  releases.add(1, { 'prefork.config.json': JSON.stringify(first) });
  releases.add(2, { 'prefork.config.json': JSON.stringify(second) });
  releases.swap(1);
  return releases;
}

/** Without a number of workers on the command line, which would go before the file's. */
function started(releases: Releases, ...args: string[]): Promise<Server> {
  return startServer({ app: 'app.mjs', workers: undefined, args: ['--cwd', releases.current, ...args] });
}

/** Waits until a worker is replaced because it has served one request. */
async function replacedAfterOne(server: Server): Promise<void> {
  const { pid } = await answer(server);
  await server.running.line(new RegExp(`worker \\d gen \\d pid ${pid}: to be replaced: it has served 1 requests`));
}

test.for([
  // With a byte order mark, as some editors write it.
  ['prefork.config.json', (settings: object) => `\ufeff${JSON.stringify(settings)}`],
  ['prefork.config.mjs', (settings: object) => `export default ${JSON.stringify(settings)};`],
  ['prefork.config.js', (settings: object) => `module.exports = ${JSON.stringify(settings)};`],
] as const)('a reload goes by what %s says then, in the same release as well', async ([name, text]) => {
  const releases = new Releases();
  const loading = (what: string) => ({ 'before.mjs': `globalThis.loadedBefore = ['${what}'];` });
  releases.add(1, { [name]: text({ workers: 1, preloadModules: ['./before.mjs'] }), ...loading('first') });
  releases.add(2, { [name]: text({ workers: 2, maxRequests: 1, jitter: 0 }) });
  releases.swap(1);
  const server = await started(releases);
  expect(await answer(server)).toMatchObject({ code: 1, loadedBefore: ['first'] });
  releases.swap(2);
  expect(await reload(server)).toMatchObject(DONE);
  await server.count(2);
  const { loadedBefore } = await answer(server);
  expect(loadedBefore).toBeUndefined();
  await server.running.line(/to be replaced: it has served 1 requests/);
  writeFileSync(releases.path(2, name), text({ workers: 3 }));
  expect(await reload(server)).toMatchObject(DONE);
  await server.count(3);
});

test('what a config file imports is read anew as well', async () => {
  const releases = new Releases();
  releases.add(1, {
    'prefork.config.mjs': "export { settings as default } from './settings.mjs';",
    'settings.mjs': 'export const settings = { workers: 1 };',
  });
  releases.swap(1);
  const server = await started(releases);
  writeFileSync(releases.path(1, 'settings.mjs'), 'export const settings = { workers: 2 };');
  expect(await reload(server)).toMatchObject(DONE);
  await server.count(2);
});

test('flags and variables go before the file at a reload, too', async () => {
  const releases = configured({}, { workers: 4, maxRequests: 1000, jitter: 0 });
  const server = await startServer({
    app: 'app.mjs',
    workers: 2,
    args: ['--cwd', releases.current],
    env: { PREFORK_MAX_REQUESTS: '1' },
  });
  releases.swap(2);
  expect(await reload(server)).toMatchObject(DONE);
  await server.count(2);
  await replacedAfterOne(server);
});

test('settings that are the monitor’s stay as they were, and are named', async () => {
  const releases = configured(
    { workers: 1 },
    { workers: 1, listen: ['127.0.0.1:1'], pidfile: 'pid', statusPort: 1, log: 'json', cwd: '/' },
  );
  const server = await started(releases);
  releases.swap(2);
  expect(await reload(server)).toMatchObject(DONE);
  await server.running.line(
    /gen 2 pid \d+: a reload does not change listen, log, pidfile, statusPort: stop the service/,
  );
  expect(await answer(server)).toMatchObject({ code: 2, cwd: releases.path(2) });
});

test.for([
  ['a setting that is wrong', '{ "workers": 0 }', 'workers in .*prefork.config.json must be a whole number'],
  ['no JSON', '{', 'cannot load the config file .*prefork.config.json: .*JSON'],
] as const)('a config file with %s fails the reload with its message', async ([, text, message]) => {
  const releases = configured({ workers: 1 }, {});
  const server = await started(releases);
  writeFileSync(releases.path(2, 'prefork.config.json'), text);
  releases.swap(2);
  const { code, text: told } = await reload(server);
  expect(code).toBe(1);
  expect(told).toMatch(new RegExp(`the reload failed: .*${message}`));
  await server.running.line(new RegExp(`gen 2 pid \\d+: the app failed to load: ${message}`));
  expect(await answer(server)).toMatchObject({ code: 1 });
  writeFileSync(releases.path(2, 'prefork.config.json'), '{}');
  expect(await reload(server)).toMatchObject(DONE);
  expect(await answer(server)).toMatchObject({ code: 2 });
});

test.for([
  ['throws', 'throw new Error("no luck")', 'no luck'],
  ['ends', 'process.exit(5)', 'it ended with exit status 5'],
  ['kills itself', 'process.kill(process.pid, "SIGKILL")', 'it ended with SIGKILL'],
  ['exports a function', 'export default { workers: () => 1 }', 'could not be cloned'],
  ['exports nothing', 'export const workers = 1', 'must hold an object, as its default export'],
] as const)('a config module that %s fails the reload, and nothing else', async ([, text, message]) => {
  const releases = new Releases();
  releases.add(1, { 'prefork.config.mjs': 'export default { workers: 1 };' });
  releases.swap(1);
  const server = await started(releases);
  writeFileSync(releases.path(1, 'prefork.config.mjs'), text);
  const { code, text: told } = await reload(server);
  expect({ code, told }).toEqual({ code: 1, told: expect.stringContaining(message) });
  expect(await answer(server)).toMatchObject({ code: 1 });
});

test('a number of workers that was scaled stays', async () => {
  const releases = configured({ workers: 1 }, { workers: 2 });
  const server = await started(releases);
  expect(await (await startPrefork(['scale', '3', `${server.pid}`])).closed).toMatchObject(DONE);
  releases.swap(2);
  expect(await reload(server)).toMatchObject(DONE);
  await server.running.line(/target stays 3 workers, as the service was scaled; the settings now say 2/);
  await server.count(3);
});

test.for([
  ['to load', "import 'no-such-package';"],
  ['to boot', "createServer().listen(0, '127.0.0.1', () => process.exit(7));"],
] as const)('settings of a release that fails %s are not gone by', async ([, code]) => {
  const releases = configured({ workers: 1, maxRequests: 1, jitter: 0 }, { workers: 3, maxRequests: 1000 });
  const server = await started(releases);
  const [first] = server.pids as [number];
  writeFileSync(releases.path(2, 'app.mjs'), `${appOf(2)}\n${code}`);
  releases.swap(2);
  expect(await reload(server)).toMatchObject({ code: 1 });
  process.kill(first, 'SIGKILL'); // Its replacement is given the limits that are in force.
  await server.full([first]);
  await server.count(1);
  await replacedAfterOne(server);
});

test('an app that takes longer to load is given the time that its own settings say', async () => {
  const releases = configured({ workers: 1, spawnTimeout: '1s' }, { workers: 1, spawnTimeout: '20s' });
  const server = await started(releases);
  const busy = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);';
  writeFileSync(releases.path(2, 'app.mjs'), `${appOf(2)}\n${busy}`);
  releases.swap(2);
  expect(await reload(server)).toMatchObject(DONE);
  expect(await answer(server)).toMatchObject({ code: 2 });
});

test("serve()'s cwd and config lead to the new release", async () => {
  const releases = new Releases();
  for (const release of [1, 2]) releases.add(release, { 'own.mjs': `export default { workers: ${release} };` });
  releases.swap(1);
  const service = await serve({ app: 'app.mjs', cwd: releases.current, config: 'own.mjs' });
  onTestFinished(() => service.close({ quick: true }));
  const ask = async (): Promise<Answer> => {
    const response = await fetch(`http://${service.addresses[0]}/`, { headers: { connection: 'close' } });
    return (await response.json()) as Answer;
  };
  expect(await ask()).toMatchObject({ code: 1, cwd: releases.path(1), pwd: releases.current });
  releases.swap(2);
  releases.remove(1);
  await service.reload();
  expect(await ask()).toMatchObject({ code: 2, cwd: releases.path(2), pwd: releases.current });
  expect(service.status().description).toMatchObject({ target: 2, cwd: releases.current });
  rmSync(releases.path(2, 'app.mjs'));
  await expect(service.reload()).rejects.toMatchObject({
    code: 'ERR_PREFORK_RELOAD_FAILED',
    message: expect.stringContaining(`cannot find the app ${join(releases.current, 'app.mjs')}`),
  });
});
