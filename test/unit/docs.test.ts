import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('docs/troubleshooting.md has every code that prefork raises', () => {
  const codes = (path: string) => new Set(readFileSync(path, 'utf8').match(/ERR_PREFORK_[A-Z_]+/g));
  expect([...codes('docs/troubleshooting.md')].sort()).toEqual([...codes('src/errors.ts')].sort());
});

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('the files that %s names exist', (path) => {
  const named = readFileSync(path, 'utf8').match(/[\w./-]+\/[\w.-]+\.(ts|cts|cc|mjs|md|yml)\b/g) ?? [];
  const missing = new Set(named.filter((name) => !['', 'src/', 'docs/'].some((from) => existsSync(from + name))));
  expect(named.length).toBeGreaterThan(10);
  expect([...missing]).toEqual([]);
});
