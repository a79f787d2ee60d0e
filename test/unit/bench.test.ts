import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../helpers/process.js';

const PROGRAMS = readdirSync(join(ROOT, 'bench'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.mjs'),
);

test.each(PROGRAMS)('bench/%s imports modules that exist', (name) => {
  const file = join(ROOT, 'bench', name);
  const imports = [...readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map(([, path = '']) =>
    join(dirname(file), path),
  );
  const sources = imports.map((path) =>
    path.startsWith(join(ROOT, 'dist/')) ? path.replace('/dist/', '/src/').replace(/\.js$/, '.ts') : path,
  );
  expect(sources.filter((source) => !existsSync(source))).toEqual([]);
});
