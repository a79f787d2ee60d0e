// Loads the programs that scripts/bundle.mjs makes: CommonJS, one file each. V8 compiles them once, at the installation;
// the processes of a service take the compiled code from a file.
import fs = require('node:fs');
import nodeModule = require('node:module');
import path = require('node:path');
import v8 = require('node:v8');
import vm = require('node:vm');

/** How Node begins a CommonJS module. */
const START = '(function (exports, require, module, __filename, __dirname) { ';

const loaded = new Map<string, object>();

/**
 * Runs a program; a further call returns the same exports. The compiled code is the one that saveCode() has written,
 * where that was for this source at this path and for this Node with these flags. Otherwise V8 compiles each function
 * when it is called.
 * @param file the program's absolute path
 * @returns what the program exports
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
 * Compiles all functions of a program and writes the compiled code to a file beside it, for later processes of the same
 * Node with the same V8 flags.
 * @throws the error of the file system, such as EROFS; then it leaves no file behind
 */
function saveCode(file: string): void {
  const source = fs.readFileSync(file, 'utf8');
  const script = compileAll(file, source); // createCachedData() notes the flags after it, and V8 refuses code of others.
  const temporary = `${codeFile(file)}.${process.pid}`;
  try {
    // No process reads a part of it, also after a loss of power: V8 takes the code for whole, and crashes where it is not.
    fs.writeFileSync(temporary, Buffer.concat([stamp(file, source), script.createCachedData()]), { flush: true });
    fs.renameSync(temporary, codeFile(file));
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/** @throws SyntaxError; V8's flags are as before then, too */
function compileAll(file: string, source: string): vm.Script {
  v8.setFlagsFromString('--no-lazy');
  try {
    return compile(file, source);
  } finally {
    v8.setFlagsFromString('--lazy');
  }
}

function compile(file: string, source: string, cachedData?: Buffer): vm.Script {
  return new vm.Script(`${START}${source}\n})`, { filename: file, ...(cachedData && { cachedData }) });
}

function savedCode(file: string, source: string): Buffer | undefined {
  try {
    const saved = fs.readFileSync(codeFile(file));
    const expected = stamp(file, source);
    return saved.subarray(0, expected.length).equals(expected) ? saved.subarray(expected.length) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What the compiled code was made from and for, which V8 does not compare: it looks at its own version, its flags and the
 * source's length. Code refers to objects by their place in Node's snapshot, which differs between builds of one version,
 * as their sizes do. The path belongs to the code, since stack traces, and util/call-site.ts by them, name the file that
 * was compiled: code of a package that was moved would pass for the app's.
 */
function stamp(file: string, source: string): Buffer {
  const [digest] = source.split('\n', 1); // The first line, which scripts/bundle.mjs writes.
  const { size } = fs.statSync(process.execPath);
  return Buffer.from(`${process.version} ${process.arch} ${size} ${digest} ${file}\n`);
}

function codeFile(file: string): string {
  return `${file}.code`;
}

export = { load, saveCode };
