import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT, startNode } from '../../helpers/process.js';

const LOADER = JSON.stringify(join(ROOT, 'dist/node/program.cjs'));
const DIGEST = '// 1';

/** A program with a digest in its first line, as scripts/bundle.mjs makes it. */
function program(text: string): string {
  const file = join(temporaryFolder(), 'program.cjs');
  writeFileSync(file, text);
  return file;
}

function saying(word: string, digest = DIGEST): string {
  return `${digest}\nexports.say = () => '${word}';`;
}

async function saved(text: string): Promise<string> {
  const file = program(text);
  await run(`saveCode(${JSON.stringify(file)})`);
  expect(existsSync(`${file}.code`)).toBe(true);
  return file;
}

async function run(call: string): Promise<string> {
  const p = await startNode(['-e', `const { load, saveCode } = require(${LOADER}); ${call};`]);
  expect(await p.closed).toEqual({ code: 0, signal: null });
  return p.text.trim();
}

const say = (file: string) => run(`console.log(load(${JSON.stringify(file)}).say())`);

test('a program is loaded without saved code', async () => {
  expect(await say(program(saying('first')))).toBe('first');
});

test('a program runs from the code that was saved for its digest', async () => {
  const file = await saved(saying('first'));
  writeFileSync(file, saying('other')); // Only the code still says what it was.
  expect(await say(file)).toBe('first');
});

test.for([
  ['for another digest', (file: string) => writeFileSync(file, saying('other', '// 2'))],
  ['for another length', (file: string) => writeFileSync(file, `${saying('other')} `)],
  [
    'by another Node',
    (file: string) => {
      const code = readFileSync(`${file}.code`);
      writeFileSync(`${file}.code`, Buffer.concat([Buffer.from('x'), code.subarray(1)]));
      writeFileSync(file, saying('other'));
    },
  ],
  [
    'by another build of this Node',
    (file: string) => {
      const code = readFileSync(`${file}.code`, 'latin1');
      const size = `${statSync(process.execPath).size}`;
      writeFileSync(`${file}.code`, code.replace(size, `${Number(size) - 1}`), 'latin1');
      writeFileSync(file, saying('other'));
    },
  ],
] as const)('code that was saved %s is not used', async ([, change]) => {
  const file = await saved(saying('first'));
  change(file);
  expect(await say(file)).toBe('other');
});

test('code that was saved at another path is not used: stack traces would name that path', async () => {
  const file = await saved(`${DIGEST}\nexports.say = () => __filename + new Error().stack;`);
  const moved = join(temporaryFolder(), 'moved.cjs');
  renameSync(file, moved);
  renameSync(`${file}.code`, `${moved}.code`);
  const said = await say(moved);
  expect(said).toContain(`${moved}:2`);
  expect(said).not.toContain(file);
});

test('code that cannot be saved leaves no file behind', async () => {
  const file = program(saying('first'));
  mkdirSync(`${file}.code`); // A file cannot replace it.
  const failing = `try { saveCode(${JSON.stringify(file)}); } catch ({ code }) { console.log(code); }`;
  expect(await run(failing)).toBe('EISDIR');
  expect(readdirSync(dirname(file)).sort()).toEqual(['program.cjs', 'program.cjs.code']);
});

test('a program is loaded once', async () => {
  const name = JSON.stringify(program(saying('first')));
  expect(await run(`console.log(load(${name}) === load(${name}))`)).toBe('true');
});

test('a program that does not compile leaves V8 compile functions as it did', async () => {
  const broken = JSON.stringify(program('// 1\nexports.say = (;'));
  const size = `const size = (name) => new (require('vm').Script)(\`function \${name}() { return [1, 2].map((x) => x + 1); }\`)
    .createCachedData().length`;
  const check = `${size}; const before = size('a'); try { saveCode(${broken}); } catch ({ name }) { console.log(name); }
    console.log(size('b') === before)`;
  expect(await run(check)).toBe('SyntaxError\ntrue');
});
