// Each row of docs/node-internals.md, on the Node that runs the tests.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const ROWS = [...readFileSync('docs/node-internals.md', 'utf8').matchAll(/^\| ([^|]+) \|.*\.ts` /gm)].map(
  ([, name]) => `${name}`,
);
let found: Record<string, string | null>;

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['test/fixtures/node/internals.mjs'], {
    timeout: 50_000,
  });
  found = JSON.parse(stdout);
});

test('each row has its check, and each check its row', () => {
  expect(Object.keys(found)).toEqual(ROWS);
});

test.each(ROWS)('%s', (name) => {
  expect(found[name]).toBe(null);
});
