// Bundles what the compiler has made of src, in dist, with the packages that it needs, so that users install none. The
// licenses of these packages go along. Each program that a service starts becomes one file, since Node takes half a
// millisecond to load each further one. All other modules become few files, since npm takes one or two milliseconds to
// unpack each.
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, transform } from 'esbuild';
import { bundleTypes } from './types.mjs';

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
const readable = {
  ...forNode,
  minify: false, // Stack traces name functions and lines.
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false, // They are in src.
};
const separate = { name: 'separate', setup: ({ onResolve }) => onResolve({ filter: /./ }, isSeparate) };
/** Each has its own copies of the modules that it shares with others. */
const PROGRAMS = ['cli/main', 'monitor/status-start', 'monitor/status-main', 'app/in-worker'];
const programs = await build({ ...readable, entryPoints: sourcesOf(PROGRAMS), plugins: [separate] });
/** Those whose compiled code is kept beside them (src/node/program.cts): CommonJS, whose code Node lets be kept. */
const COMPILED = ['cli/start', 'app/zygote-main'];
const DIGEST = '0'.repeat(64);
const compiled = await build({
  ...readable,
  entryPoints: sourcesOf(COMPILED),
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: { js: `// ${DIGEST}\n'use strict';\nconst moduleUrl = require('node:url').pathToFileURL(__filename).href;` },
  define: { 'import.meta.url': 'moduleUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  plugins: [separate, { name: 'functions of Node', setup: takeFunctionsAtStart }],
});
for (const name of COMPILED) {
  const file = `dist/${name}.cjs`;
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(DIGEST, createHash('sha256').update(text).digest('hex')));
}
/** What package.json exports. */
const INTERFACES = ['index', 'app/api/index', 'posix/index'];
const COMMANDS = ['check', 'compare', 'echo', 'inspect', 'lesson', 'reload', 'run', 'scale', 'status', 'stop', 'view'];
/** The packages that draw plots. */
const SVG = 'compare/report/svg';
/** These share one copy of each module, as they would without bundles. */
const SHARING = [
  ...INTERFACES,
  ...COMMANDS.map((command) => `cli/${command}`),
  ...['app/late-worker', 'app/worker-threads', 'fork-safety/thread-reports'],
  ...['fork-safety/check/main', 'fork-safety/check/run', 'without-fork/start', 'without-fork/worker'],
  ...['app', 'cluster', 'echo-load', 'fork-time', 'http-load', 'paced-client'].map(
    (name) => `compare/programs/${name}`,
  ),
  ...['tutorial/event-loop/worker', SVG],
];
rmSync('dist/shared', { recursive: true, force: true });
const sharing = await build({
  ...readable,
  entryPoints: sourcesOf(SHARING),
  splitting: true,
  chunkNames: 'shared/[hash]',
});
// Large, and nobody reads it in a stack trace: an entry of its own is a chunk of its own.
for (const [path, { inputs }] of Object.entries(sharing.metafile.outputs)) {
  if (!(`src/${SVG}.ts` in inputs)) continue;
  const { code } = await transform(readFileSync(path, 'utf8'), { minify: true, target: readable.target });
  writeFileSync(path, code);
}
/** Small, and loaded by path: as the compiler has made them. */
const UNBUNDLED = ['app/zygote-run', 'app/zygote-first', 'app/enter-thread', 'fork-safety/check/first', 'node/program'];

/**
 * In CommonJS, esbuild looks functions of Node up at each call, and would find what the app has put in their place. Here
 * they are those of the program's start, as in an ES module.
 */
function takeFunctionsAtStart({ onResolve, onLoad }) {
  const namespace = 'node';
  onResolve({ filter: /^node:/ }, ({ path, kind }) =>
    kind === 'import-statement' ? { path, namespace } : { path, external: true },
  );
  onLoad({ filter: /./, namespace }, async ({ path }) => {
    const names = Object.keys(await import(path)).filter((name) => name !== 'default');
    return {
      contents: [
        `const own = require('${path}');`,
        'const take = (name) => own[name];',
        ...names.map((name, at) => `const taken${at} = /* @__PURE__ */ take('${name}');`),
        `export { own as default, ${names.map((name, at) => `taken${at} as ${name}`).join(', ')} };`,
      ].join('\n'),
    };
  });
}

function sourcesOf(modules) {
  return modules.map((module) => `src/${module}.ts`);
}

/** Commands are loaded when they are needed. */
function isSeparate({ kind, path, importer }) {
  return kind === 'dynamic-import' && /cli.main\.ts$/.test(importer) ? { path, external: true } : undefined;
}

const builds = [browsers, page, programs, compiled, sharing];
const inputs = builds.flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
const licenses = [...packages].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
});
writeFileSync('dist/LICENSES.txt', licenses.join(`\n${'-'.repeat(80)}\n\n`));

// Of dist, npm packs what is needed where prefork is installed: no modules that are in a bundle, and no source maps.
const outputs = builds.flatMap(({ metafile }) =>
  Object.keys(metafile.outputs).filter((path) => !path.endsWith('.map')),
);
const packed = [
  ...outputs,
  ...bundleTypes(INTERFACES),
  ...UNBUNDLED.map((module) => `dist/${module}.cjs`),
  'dist/view/page/index.html',
  'dist/LICENSES.txt',
];
writeFileSync(
  'dist/.npmignore',
  ['*', '!*/', ...packed.sort().map((path) => path.replace('dist', '!'))].map((line) => `${line}\n`).join(''),
);
