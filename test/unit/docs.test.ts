import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/** Those that are written by hand. */
const PAGES = ['.', 'docs', 'apps']
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'));

test.each(PAGES)('the links of %s lead somewhere', (page) => {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const local = links.filter((link) => !/^\w+:/.test(link));
  expect(local.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [file = '', anchor] = decodeURI(link).split('#');
  const path = file === '' ? page : join(dirname(page), file);
  if (!existsSync(path)) return false;
  return anchor === undefined || !path.endsWith('.md') || anchorsOf(path).includes(anchor);
}

/** As GitHub makes them of headings: the second one of a name ends in -1. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return (prose(page).match(/^#+ .*$/gm) ?? []).map((heading) => {
    const words = heading.replace(/^#+ /, '').toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

function prose(page: string): string {
  return readFileSync(page, 'utf8').replace(/^ *```.*?^ *```$/gms, '');
}
