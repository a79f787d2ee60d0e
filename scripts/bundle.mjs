// Bundles what needs other packages into dist, so that users install none: what browsers get, what makes the status page,
// the width of texts, and the scales of the comparison's plots. The licenses of these packages go along.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
  metafile: true,
};

const browsers = await build({
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
const page = await build({
  ...forNode,
  entryPoints: ['src/status/page/render.tsx'],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});
// In place of what the compiler has made of them, which would need packages.
const modules = ['util/columns', 'compare/report/scales'];
const replaced = await build({ ...forNode, entryPoints: modules.map((module) => `src/${module}.ts`) });
for (const module of modules) rmSync(`dist/${module}.js.map`, { force: true }); // The compiler's.

const inputs = [browsers, page, replaced].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
const licenses = [...packages].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
});
writeFileSync('dist/LICENSES.txt', licenses.join(`\n${'-'.repeat(80)}\n\n`));
