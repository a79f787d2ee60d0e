// Bundles what dist takes from other packages, so that users install none: the page of `prefork view`, one script and one
// style sheet, and the scales of the comparison's plots.
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
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

const scales = resolve(import.meta.dirname, '../dist/compare/report/scales.js');
const license = readFileSync(resolve(import.meta.dirname, '../node_modules/d3-scale/LICENSE'), 'utf8');
await build({
  entryPoints: [resolve(import.meta.dirname, '../src/compare/report/scales.ts')],
  outfile: scales,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  banner: { js: `/* d3-scale and the d3 packages that it takes along:\n\n${license}*/` },
});
rmSync(`${scales}.map`, { force: true }); // The compiler's.
