// What src/node and src/proc are for, by a search of the text: see docs/node-internals.md.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** By path within src. */
const SOURCES = new Map(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.c?tsx?$/.test(path))
    .map((path) => [path, withoutComments(readFileSync(join('src', path), 'utf8'))]),
);

/** Uses of what Node keeps to itself, or of V8's flags. */
const INTERNALS: readonly RegExp[] = [
  /\._(?!exit\b)[a-z]\w*/, // a property that Node means to be private
  /[{,] *_(?!exit\b)[a-z]\w* *[:,}](?!.*\bfrom ')/, // the same, taken apart
  /\bprocess\.binding\b|\binternalBinding\b/,
  /'_(handle|listen2|parent|host|connections|server|events|cache)\w*'/,
  /\bgetOwnPropertySymbols\b/,
  /\b(Server|Socket|ServerResponse|ChildProcess|Module|Agent|Worker|EventEmitter|MessagePort)\.prototype\b/,
  /'(node:)?inspector'|'(Runtime|Debugger|NodeWorker|HeapProfiler)\.\w+'/,
  /\bsetFlagsFromString\b|--\w*natives\b/,
  /\.connectionsCheckingInterval\b|'agentRemove'|\bInternalWorker\b/,
];

/** What looks like one outside of src/node, and why it is none. */
const OTHERS: Readonly<Record<string, string>> = {
  'app/pino.ts': "the symbols are pino's",
};

test('no file but those of src/node touches what Node keeps to itself', () => {
  const found = linesWith(INTERNALS).filter(({ path }) => !path.startsWith('node/') && !(path in OTHERS));
  expect(found).toEqual([]);
});

test('the search finds such uses, and where they are allowed', () => {
  const found = new Set(linesWith(INTERNALS).map(({ path }) => path));
  for (const name of ['handles', 'timers', 'listening', 'connecting', 'garbage', 'debugger', 'methods', 'workers']) {
    expect(found).toContain(`node/${name}.ts`);
  }
  for (const path of Object.keys(OTHERS)) expect(found).toContain(path);
});

/** Files outside of src/proc that read /proc all the same, and why. */
const READERS: Readonly<Record<string, string>> = {
  'node/worker-places.ts': 'a Worker evaluates the text, and can import nothing',
  'posix/binding.ts': 'it loads the addon, before anything of src/proc',
  'posix/c-library.ts': 'the same: which addon that is',
  'posix/credentials.ts': 'src/proc is above src/posix: it asks sock_diag by it',
  'posix/fork.ts': 'the same',
  'scoreboard/copy.ts': 'it opens the board there, and what the kernel answers decides whom it asks instead',
};

test('no file but those of src/proc reads /proc by itself', () => {
  const reads = [
    /\b(read(File|dir|link)|l?stat|exists|access|writeFile)Sync\([`'"]\/proc\b/,
    /\bopenSync\([`'"]\/proc\/\$/,
  ];
  const found = linesWith([...reads, /= [`'"]\/proc\/\$\{pid\}\/fd[`'"]/]).map(({ path }) => path);
  const others = new Set(found.filter((path) => !path.startsWith('proc/')));
  expect([...others].sort()).toEqual(Object.keys(READERS));
});

function linesWith(patterns: readonly RegExp[]) {
  return [...SOURCES].flatMap(([path, text]) =>
    text.split('\n').flatMap((line) => (patterns.some((pattern) => pattern.test(line)) ? [{ path, line }] : [])),
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, '').replace(/(^|\s)\/\/.*$/gm, '');
}
