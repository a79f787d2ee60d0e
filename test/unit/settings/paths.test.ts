import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { byNameOf, logicalCwd, logicalPath, pathInRealFolder } from '../../../src/settings/index.js';

/** With the folders releases/1/app and shared, and the links current, to releases/1, and up, to current/app. */
let top = '';

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'prefork-paths-')));
  mkdirSync(join(top, 'releases/1/app'), { recursive: true });
  mkdirSync(join(top, 'shared'));
  symlinkSync('releases/1', join(top, 'current'));
  symlinkSync('current/app', join(top, 'up'));
  return () => rmSync(top, { recursive: true });
});

test.each([
  ['current', 'app.js', 'current/app.js'],
  ['current', './app//app.js', 'current/app/app.js'],
  ['current', '..', 'releases'],
  ['current', '../../shared/app.js', 'shared/app.js'],
  ['current', '../../current/app/../app.js', 'releases/1/app.js'],
  ['shared', '../current/app.js', 'current/app.js'],
  ['current', 'none/../app.js', 'current/app.js'],
])('from %s on, %s is %s', (folder, path, expected) => {
  expect(logicalPath(join(top, folder), path)).toBe(join(top, expected));
});

test('an absolute path stays, but for what the kernel would go up from', () => {
  expect(logicalPath('/', join(top, 'current/app.js'))).toBe(join(top, 'current/app.js'));
  expect(logicalPath('/', `${top}/current/../app.js`)).toBe(join(top, 'releases/app.js'));
});

test.each([
  ['current', 'releases/1/x', 'current/x'],
  ['current/app', 'releases/1/x', 'current/x'],
  ['up', 'releases/1/app/x', 'up/x'],
  ['up', 'releases/1/x', 'releases/1/x'],
  ['current', 'releases/10/x', 'releases/10/x'],
  ['current', 'shared/x', 'shared/x'],
  ['shared', 'shared/x', 'shared/x'],
  ['none', 'none/x', 'none/x'],
])('by the name %s, %s is %s', (folder, path, expected) => {
  expect(byNameOf(join(top, folder), join(top, path))).toBe(join(top, expected));
});

test('a file is found in its real folder, whether it exists or not', () => {
  expect(pathInRealFolder(join(top, 'up/pid'))).toBe(join(top, 'releases/1/app/pid'));
  expect(pathInRealFolder(join(top, 'none/pid'))).toBe(join(top, 'none/pid'));
});

test.each([
  ['TOP/current', 'current'],
  ['TOP/current/', 'current'],
  ['TOP/current/app/..', 'releases/1'],
  ['TOP', 'releases/1'],
  ['TOP/none', 'releases/1'],
  ['.', 'releases/1'],
  [undefined, 'releases/1'],
])('the present folder with PWD=%s is %s', (pwd, expected) => {
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(join(top, 'current'));
  expect(logicalCwd(pwd?.replace('TOP', top))).toBe(join(top, expected));
});
