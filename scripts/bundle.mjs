// Bundles what needs other packages into dist, so that users install none: what browsers get, what makes the status page,
// the width of texts, and the scales of the comparison's plots.
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

process.chdir(resolve(import.meta.dirname, '..'));
const common = {
  outdir: 'dist',
  outbase: 'src',
  bundle: true,
  minify: true,
  format: 'esm',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'inline',
};

await build({
  ...common,
  entryPoints: [
    { in: 'src/view/page/page.tsx', out: 'view/page/page' },
    { in: 'src/view/page/page.css', out: 'view/page/page' },
    { in: 'src/status/page/client.tsx', out: 'status/page/page' },
    { in: 'src/status/page/page.css', out: 'status/page/page' },
  ],
  target: 'es2022',
});
copyFileSync('src/view/page/index.html', 'dist/view/page/index.html');
const forNode = { ...common, platform: 'node', target: 'node20' };
await build({
  ...forNode,
  entryPoints: ['src/status/page/render.tsx'],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});
// In place of what the compiler has made of it, which would need a package.
await build({ ...forNode, entryPoints: ['src/util/columns.ts'] });

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
