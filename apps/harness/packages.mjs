// The apps' packages, from npm, in a folder of their own, and the apps beside them, so that they find them.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { run } from './processes.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const LISTS = join(ROOT, 'apps/packages');
const CACHE = join(ROOT, '.cache/apps');
const FILES = ['package.json', 'package-lock.json', '.npmrc'];

/**
 * Installs the packages, the first time.
 * @param {boolean} all also the devDependencies, which the quick part does without
 */
export async function installPackages(all) {
  const key = hash(FILES.map((name) => readFileSync(join(LISTS, name))));
  const complete = join(CACHE, `${key}-all`);
  const folder = all || existsSync(complete) ? complete : join(CACHE, `${key}-quick`);
  if (!existsSync(folder)) {
    console.log('installing the packages of the apps …');
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    try {
      for (const name of FILES) cpSync(join(LISTS, name), join(unfinished, name));
      // Scripts of packages would download binaries; the one package that must be compiled is: see its case.
      const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...(all ? [] : ['--omit=dev'])];
      await run('npm', args, { cwd: unfinished });
      // For apps that import 'prefork/app'.
      symlinkSync(ROOT, join(unfinished, 'node_modules/prefork'));
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return new Packages(folder);
}

/** The folder in which they are. */
export class Packages {
  #preparing = new Map();

  constructor(folder) {
    this.folder = folder;
  }

  /** The version of an installed package. */
  version(name) {
    return JSON.parse(readFileSync(join(this.folder, 'node_modules', name, 'package.json'), 'utf8')).version;
  }

  /**
   * A copy of a case's folder beside the packages, with what its `setup` makes of it; made anew only when it changes.
   * @param {{ path: string, version: string }} node whom it is for
   * @returns {Promise<string>} its path
   */
  prepare(testCase, node) {
    const { name, folder, setup, setupPerNode } = testCase;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const contents = files.flatMap(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))]);
    const suffix = setupPerNode ? `-${node.version}` : '';
    const copy = join(this.folder, 'cases', `${name}-${hash(contents)}${suffix}`);
    // Two trials of a case may ask at once.
    if (!this.#preparing.has(copy)) this.#preparing.set(copy, this.#copy(folder, copy, setup, node));
    return this.#preparing.get(copy);
  }

  async #copy(from, to, setup, node) {
    const stamp = join(to, '.ready');
    if (existsSync(stamp)) return to;
    rmSync(to, { recursive: true, force: true });
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { recursive: true });
    await setup?.({
      folder: to,
      node,
      packages: this.folder,
      run: (program, args, options) => run(program, args, { cwd: to, ...options }),
    });
    writeFileSync(stamp, '');
    return to;
  }
}

function hash(parts) {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex').slice(0, 12);
}
