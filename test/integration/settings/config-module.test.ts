// A config file that is a module is loaded in a process of its own.
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveSettings } from '../../../src/settings/index.js';
import { temporaryFolder } from '../../helpers/folder.js';

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
