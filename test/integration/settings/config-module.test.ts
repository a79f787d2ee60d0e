// A config file that is a module is loaded in a process of its own.
import { realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { resolveSettings } from '../../../src/settings/index.js';
import { APP, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { isAlive } from '../../helpers/proc.js';
import { startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

/** It says its process id first. */
const ENDLESS = 'console.log("config " + process.pid); for (;;);';

function folder(name: string, text: string): string {
  const path = realpathSync(temporaryFolder());
  writeFileSync(join(path, name), text);
  return path;
}

const settingsFrom = (flags: Record<string, string>) => resolveSettings({ app: 'app.js', args: [], flags, env: {} });

test.each([
  ['prefork.config.mjs', 'export default { workers: 7 };'],
  ['prefork.config.js', 'module.exports = { workers: 7 };'],
])('%s is found', (name, text) => {
  expect(settingsFrom({ cwd: folder(name, text) })).toMatchObject({ workers: 7 });
});

test.each([
  ['export default () => ({ workers: 1 });', /^the config file (.*) must hold an object, as its default export;/],
  ['export const workers = 1;', /^the config file (.*) must hold an object, as its default export;/],
  ['throw new Error("no luck");', /^cannot load the config file (.*): no luck;/],
])('what is wrong in %s is named', (text, message) => {
  const file = join(folder('own.mjs', text), 'own.mjs');
  const expected = { code: 'ERR_PREFORK_INVALID_OPTION', message: expect.stringMatching(message) };
  expect(() => settingsFrom({ config: file })).toThrow(expect.objectContaining(expected));
  expect(() => settingsFrom({ config: file })).toThrow('own.mjs');
});

test('a folder in place of the file is named, also the present one', () => {
  expect(() => settingsFrom({ config: '.' })).toThrow(`cannot load the config file ${process.cwd()}: `);
});

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'one that never ends does not outlive a start that %s ends',
  async (signal) => {
    const server = await startPrefork(['start', '--cwd', folder('prefork.config.mjs', ENDLESS), resolve(APP)]);
    const [, config] = await server.stdout.line(/^config (\d+)$/);
    process.kill(server.pid, signal);
    expect(await server.exit).toEqual({ code: null, signal });
    await eventually('its process has ended', () => !isAlive(Number(config)));
  },
);

test('nor a service that reads it at a reload', async () => {
  const cwd = folder('prefork.config.mjs', 'export default { workers: 1 };');
  const server = await startServer({ workers: undefined, args: ['--cwd', cwd], app: resolve(APP) });
  writeFileSync(join(cwd, 'prefork.config.mjs'), ENDLESS);
  server.signal('SIGHUP');
  const [, config] = await server.running.stdout.line(/^config (\d+)$/);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await eventually('its process has ended', () => !isAlive(Number(config)));
});
