// Bundles the page of `prefork view` into dist: one script, one style sheet, nothing from elsewhere.
import { copyFileSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const from = resolve(import.meta.dirname, '../src/view/page');
const to = resolve(import.meta.dirname, '../dist/view/page');
mkdirSync(to, { recursive: true });
for (const name of ['index.html', 'page.css']) copyFileSync(`${from}/${name}`, `${to}/${name}`);
await build({
  entryPoints: [`${from}/page.tsx`],
  outfile: `${to}/page.js`,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'inline',
});
