import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('docs/troubleshooting.md has every code that prefork raises', () => {
  const codes = (path: string) => new Set(readFileSync(path, 'utf8').match(/ERR_PREFORK_[A-Z_]+/g));
  expect([...codes('docs/troubleshooting.md')].sort()).toEqual([...codes('src/errors.ts')].sort());
});
