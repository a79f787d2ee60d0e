// Bundles what needs other packages into dist, so that users install none: what browsers get, what makes the status page,
// the width of texts, and the scales of the comparison's plots. The licenses of these packages go along. Bundles also the
// programs that a service starts, each into one file, since Node takes half a millisecond to load each further one.
import { createHash } from 'node:crypto';
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
const PROGRAMS = ['cli/main', 'monitor/status-start', 'monitor/status-main', 'app/in-worker'];
/** Those whose compiled code is kept beside them (src/node/program.cts): CommonJS, whose code Node lets be kept. */
const COMPILED = ['cli/start', 'app/zygote-main'];
const program = {
  ...forNode,
  minify: false, // Stack traces name functions and lines.
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false, // The package has src.
  plugins: [{ name: 'separate', setup: ({ onResolve }) => onResolve({ filter: /./ }, isSeparate) }],
};
const programs = await build({ ...program, entryPoints: PROGRAMS.map((name) => `src/${name}.ts`) });
const compiled = await build({
  ...program,
  entryPoints: COMPILED.map((name) => `src/${name}.ts`),
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'moduleUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
});
for (const name of COMPILED) {
  const file = `dist/${name}.cjs`;
  const text = asCommonJs(readFileSync(file, 'utf8'));
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(file, `// ${digest}\n${text}`);
  const map = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  writeFileSync(`${file}.map`, JSON.stringify({ ...map, mappings: `;;${map.mappings}` })); // For the lines put before.
}

/**
 * esbuild's own CommonJS looks functions of Node up at each call, and would find what the app has put in their place.
 * Here they are those of the program's start.
 */
function asCommonJs(text) {
  const renamed = (names) => names.replaceAll(' as ', ': ');
  const imports = text.replace(
    /^import (?:([\w$]+)(?:, )?)?(\{[^}]*\})? ?from ("node:[^"]+");$/gm,
    (_, own, names, from) =>
      [own && `const ${own} = require(${from});`, names && `const ${renamed(names)} = require(${from});`]
        .filter(Boolean)
        .join(' '),
  );
  const ours = imports.replace(/\bawait import\((?!process\.argv)/g, 'await importModule('); // Not in the text of readModule().
  const exported = ours.replace(/^export \{([^}]*)\};$/m, (_, names) => `module.exports = {${names}};`);
  return `"use strict"; const moduleUrl = require("node:url").pathToFileURL(__filename).href;\n${exported}`;
}

/** What is not always needed is loaded when it is: a command, the status page, what serves where there is no fork. */
function isSeparate({ kind, path, importer }) {
  const isOther = /cli.main\.ts$/.test(importer) || /without-fork\/start\.js$|status-start\.js$/.test(path);
  return kind === 'dynamic-import' && isOther ? { path, external: true } : undefined;
}

const inputs = [browsers, page, replaced, programs, compiled].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
const licenses = [...packages].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
});
writeFileSync('dist/LICENSES.txt', licenses.join(`\n${'-'.repeat(80)}\n\n`));
