// Loads programs that scripts/bundle.mjs has made one CommonJS file of, with the code that V8 has compiled them to before.
import fs = require('node:fs');
import nodeModule = require('node:module');
import path = require('node:path');
import v8 = require('node:v8');
import vm = require('node:vm');

/** As Node begins a CommonJS module. */
const START = '(function (exports, require, module, __filename, __dirname) { ';

const loaded = new Map<string, object>();

/**
 * Runs a program, once. Code is taken from the file that saveCode() has written beside it, as far as that belongs to this
 * source, this Node and its flags; otherwise V8 compiles what it needs.
 * @param file its absolute path
 * @returns what it exports
 */
function load(file: string): object {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const source = fs.readFileSync(file, 'utf8');
  const run = compile(file, source, savedCode(file, source)).runInThisContext() as (...args: unknown[]) => void;
  const program = { exports: {} };
  const require = nodeModule.createRequire(file);
  run.call(program.exports, program.exports, require, program, file, path.dirname(file));
  loaded.set(file, program.exports);
  return program.exports;
}

/**
 * Compiles all functions of a program and writes the code beside it, for later processes of the same Node with the same
 * V8 flags.
 * @throws what the file system fails with, such as EROFS
 */
function saveCode(file: string): void {
  const source = fs.readFileSync(file, 'utf8');
  v8.setFlagsFromString('--no-lazy');
  const script = compile(file, source);
  v8.setFlagsFromString('--lazy'); // V8 refuses code of other flags than those at the end.
  const temporary = `${codeFile(file)}.${process.pid}`;
  // No process reads half of it, also after a loss of power: V8 takes the code for whole, and crashes where it is not.
  fs.writeFileSync(temporary, Buffer.concat([stamp(source), script.createCachedData()]), { flush: true });
  fs.renameSync(temporary, codeFile(file));
}

function compile(file: string, source: string, cachedData?: Buffer): vm.Script {
  return new vm.Script(`${START}${source}\n})`, { filename: file, ...(cachedData && { cachedData }) });
}

function savedCode(file: string, source: string): Buffer | undefined {
  try {
    const saved = fs.readFileSync(codeFile(file));
    const expected = stamp(source);
    return saved.subarray(0, expected.length).equals(expected) ? saved.subarray(expected.length) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Says what the code was compiled from, and for which Node: V8 itself compares only versions, flags and lengths. Code refers
 * to objects by their place in Node's snapshot, which differs between builds of one version, as their sizes do.
 */
function stamp(source: string): Buffer {
  const [digest] = source.split('\n', 1); // scripts/bundle.mjs has written it there.
  const { size } = fs.statSync(process.execPath);
  return Buffer.from(`${process.version} ${process.arch} ${size} ${digest}\n`);
}

function codeFile(file: string): string {
  return `${file}.code`;
}

export = { load, saveCode };
