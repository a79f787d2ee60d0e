// What the fork relies on: a libuv as it is known, and code that calls nothing that could wait for a parked thread.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/folder.js';
import { ROOT } from '../helpers/process.js';
import { testWith } from '../helpers/programs.js';

const nodeHeaders = resolve(process.execPath, '../../include/node');
const napiHeaders = createRequire(import.meta.url)('node-api-headers').include_dir as string;

/** What the self-test says in this process, where it was compiled with a header that was changed. */
function selfTest(file: string, from: RegExp | string, to: string): string {
  const folder = temporaryFolder();
  for (const name of ['uv.h', 'uv']) cpSync(join(nodeHeaders, name), join(folder, name), { recursive: true });
  const header = join(folder, file);
  const text = readFileSync(header, 'utf8');
  const changed = text.replace(from, to);
  expect(changed === text, `${from} is in ${file}`).toBe(from === '');
  writeFileSync(header, changed);
  const addon = join(folder, 'check.node');
  const sources = ['test/fixtures/native/libuv-check.cc', 'native/fork/libuv.cc', 'native/fork/pool.cc'];
  const flags = ['-x', 'c++', '-std=c++17', '-shared', '-fPIC', '-fno-exceptions', `-I${folder}`, '-Inative'];
  execFileSync('cc', [...flags, `-I${napiHeaders}`, '-o', addon, ...sources], { cwd: ROOT });
  return createRequire(import.meta.url)(addon)();
}

describe.skipIf(!existsSync(join(nodeHeaders, 'uv.h')))('the self-test of libuv', () => {
  testWith('cc')('finds nothing in the libuv of this Node', () => {
    expect(selfTest('uv.h', '', '')).toBe('');
  });

  testWith('cc').each([
    [
      'a field more',
      'uv.h',
      'UV_LOOP_PRIVATE_FIELDS\n}',
      'UV_LOOP_PRIVATE_FIELDS\n  void* more;\n}',
      'another size of uv_loop_t',
    ],
    [
      'its loop fields',
      'uv/unix.h',
      /(uv_mutex_t wq_mutex;)(.*\n.*)(uv_async_t wq_async;)/,
      '$3$2$1',
      'wq_async of uv_loop_t',
    ],
    [
      'its lists',
      'uv/threadpool.h',
      /(struct uv_loop_s\* loop;)(\s*)(.* wq.*;)/,
      '$3$2$1',
      'wq of uv_loop_t and of uv__work',
    ],
    ['its signals', 'uv/unix.h', /(caught)(_signals;.*\n.*)(dispatched)/, '$3$2$1', 'caught_signals of uv_signal_t'],
    ['its pipes', 'uv/unix.h', /(const char\* pipe_fname;)/, 'void* fd_first; $1', 'another size of uv_pipe_t'],
  ])('refuses by name another one: %s', (_what, file, from, to, found) => {
    expect(selfTest(file, from, to)).toContain(`libuv: ${found}`);
  });
});

const compiled = join(ROOT, 'build/Release/obj.target/prefork_raw/native/fork');
const objects = existsSync(compiled) ? readdirSync(compiled).filter((name) => name.endsWith('.o')) : [];

describe.skipIf(objects.length === 0)('while other threads are parked', () => {
  testWith('nm')('nothing is called but what is known to take no lock', () => {
    const symbols = execFileSync('nm', ['-C', '-P', ...objects], { cwd: compiled, encoding: 'utf8' });
    // "name type value size"; U and w are symbols of other files.
    const lines = [...symbols.matchAll(/^(.+) ([A-Za-z])(?: |$)/gm)].map(([, name, type]) => ({
      name: name as string,
      type: type as string,
    }));
    const isElsewhere = ({ type }: { type: string }) => type === 'U' || type === 'w';
    const called = new Set(lines.filter(isElsewhere).map(({ name }) => name));
    for (const line of lines) if (!isElsewhere(line)) called.delete(line.name);
    // Symbols of the linker and the compiler; the atomic operations of libgcc are plain instructions.
    for (const name of called)
      if (/^(_GLOBAL_OFFSET_TABLE_|mem(set|cpy|move)|__aarch64_.*)$/.test(name)) called.delete(name);
    expect([...called].sort()).toEqual([
      'ForgetSignals(uv_loop_s*)', // loop.cc says why it may be.
      '__rseq_offset', // Variables.
      '__rseq_size',
      'v8::Isolate::TryGetCurrent()', // park.cc
    ]);
  });
});

test('the steps in docs/fork.md have the numbers that the code gives them', () => {
  for (const page of ['docs/fork.md', 'docs/fork.ja.md']) {
    const steps = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^(\d)\. \*\*(?:.(?!^\d\. |^$))*/gmsu)];
    expect(steps.length, page).toBe(9);
    for (const [text, number] of steps)
      for (const [, name] of text.matchAll(/`([\w-]+)\.cc`/g)) {
        expect(stepsOf(name as string), `${page}, step ${number}, ${name}`).toContain(Number(number));
      }
  }
});

/** The numbers after "Step" in a file and its header, such as 3 and 7 of "Steps 3 and 7". */
function stepsOf(name: string): number[] {
  const texts = ['h', 'cc']
    .map((type) => join(ROOT, 'native/fork', `${name}.${type}`))
    .filter((path) => existsSync(path));
  const steps = texts.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/\bsteps? ([\d, and]+)/gi)]);
  return steps.flatMap(([, numbers]) => (numbers as string).match(/\d/g) ?? []).map(Number);
}
