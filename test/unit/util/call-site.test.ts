import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { callerPlace, fileOf, isOwn, placeOf } from '../../../src/util/call-site.js';

const frame = (file: string, line = 1) => ({ file, line, column: 2 });
const OWN = join(import.meta.dirname, '../../../src/app/api/index.ts');

test("the place is the app's own innermost line, with the package that it called", () => {
  const frames = [frame('/srv/node_modules/pg/lib/client.js'), frame('/srv/db.js', 3), frame('/srv/app.js')];
  expect(placeOf(frames)).toBe('/srv/db.js:3:2, through pg');
  expect(placeOf(frames.slice(1))).toBe('/srv/db.js:3:2');
});

test.each([
  ['/srv/node_modules/@redis/client/dist/index.js', '@redis/client'],
  ['/srv/node_modules/a/node_modules/b/index.js', 'b'],
  ['/srv/node_modules/.pnpm/pg@8.0.0/node_modules/pg/index.js', 'pg'],
])('%s is of the package %s', (file, name) => {
  expect(placeOf([frame(file), frame('/srv/app.js')])).toBe(`/srv/app.js:1:2, through ${name}`);
});

test('without a line of its own, the place is the innermost of a package', () => {
  const frames = [frame('/srv/node_modules/a/index.js'), frame('/srv/node_modules/b/index.js')];
  expect(placeOf(frames)).toBe('/srv/node_modules/a/index.js:1:2, through a');
  expect(placeOf([])).toBeUndefined();
});

test("Node's scripts, evaluated code and prefork's own files are nobody's", () => {
  for (const script of ['node:net', 'evalmachine.<anonymous>', '', OWN, pathToFileURL(OWN).href]) {
    expect(fileOf(script)).toBeUndefined();
  }
  expect([isOwn(OWN), isOwn(pathToFileURL(OWN).href), isOwn('/srv/app.js')]).toEqual([true, true, false]);
  expect(fileOf('file:///srv/my%20app.js')).toBe('/srv/my app.js');
});

test('a stack is read as it is, whatever the app has made of Error, which stays as it was', () => {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const prepare = () => 'mine';
  Error.prepareStackTrace = prepare;
  Error.stackTraceLimit = 0;
  try {
    const open = () => callerPlace(open);
    expect(open()).toMatch(/^\/.*call-site\.test\.ts:\d+:\d+$/);
    expect([Error.prepareStackTrace, Error.stackTraceLimit]).toEqual([prepare, 0]);
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
});
