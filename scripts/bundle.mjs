// Bundles what needs other packages into dist, so that users install none: what browsers get, what makes the status page,
// the width of texts, and the scales of the comparison's plots. The licenses of these packages go along. Bundles also the
// programs that a service starts, each into one file, since Node takes half a millisecond to load each further one.
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
/** Each has its own copies of the modules that it shares with others. All are in folders of dist, as their modules were. */
const PROGRAMS = [
  'cli/main',
  'cli/start',
  'monitor/status-start',
  'monitor/status-main',
  'app/zygote-main',
  'app/in-worker',
];
const programs = await build({
  ...forNode,
  entryPoints: PROGRAMS.map((program) => `src/${program}.ts`),
  minify: false, // Stack traces name functions and lines.
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false, // The package has src.
  plugins: [{ name: 'separate', setup: ({ onResolve }) => onResolve({ filter: /./ }, isSeparate) }],
});

/** What is not always needed is loaded when it is: a command, the status page, what serves where there is no fork. */
function isSeparate({ kind, path, importer }) {
  const isOther = /cli.main\.ts$/.test(importer) || /without-fork\/start\.js$|status-start\.js$/.test(path);
  return kind === 'dynamic-import' && isOther ? { path, external: true } : undefined;
}

const inputs = [browsers, page, replaced, programs].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
const licenses = [...packages].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
});
writeFileSync('dist/LICENSES.txt', licenses.join(`\n${'-'.repeat(80)}\n\n`));
