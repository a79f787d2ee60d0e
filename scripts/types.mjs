// Puts the declarations that the package's interfaces need into one file, dist/types.d.ts, since npm takes its time with
// each file, and has the interfaces take them from there. What nothing public mentions is left out.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ALL = resolve('dist/types.d.ts');

/**
 * @param {string[]} interfaces files of dist, without .d.ts
 * @returns {string[]} the files that have the types then
 */
export function bundleTypes(interfaces) {
  const entries = interfaces.map((name) => resolve(`dist/${name}.d.ts`));
  const modules = new Map();
  const outside = new Set();
  const kept = new Map();
  for (const entry of entries) {
    const { imports, exports } = moduleOf(entry);
    for (const { path, name } of [...imports.values(), ...exports.values()])
      if (!entries.includes(path)) keep(path, name);
  }
  writeFileSync(ALL, [...outside, ...kept.values(), 'export {};'].map((text) => `${text}\n`).join(''));
  for (const entry of entries) {
    const own = relative(dirname(entry), ALL).replace(/^(?!\.)/, './');
    const changed = readFileSync(entry, 'utf8').replaceAll(/(?<=\bfrom ')\.[^']+/g, (module) =>
      entries.includes(fileOf(entry, module)) ? module : own.replace('.d.ts', '.js'),
    );
    writeFileSync(entry, changed);
  }
  return [...entries, ALL].map((path) => relative('.', path));

  /** Keeps a declaration, and those that it mentions. */
  function keep(path, name) {
    const { imports, exports, declarations } = moduleOf(path);
    const from = exports.get(name) ?? imports.get(name);
    if (from?.path === undefined && from !== undefined) return outside.add(from.statement);
    if (from !== undefined) return keep(from.path, from.name);
    const text = declarations.get(name);
    if (text === undefined) throw new Error(`${path} has no declaration of ${name}`);
    if (kept.get(name) === text) return;
    if (kept.has(name))
      throw new Error(`${path} and another module both declare ${name}, and all types are in one file`);
    kept.set(name, text);
    for (const [word] of text.replaceAll(/\/\*.*?\*\//gs, '').matchAll(/[\w$]+/g))
      if (declarations.has(word) || imports.has(word)) keep(path, word);
  }

  function moduleOf(path) {
    if (!modules.has(path)) modules.set(path, readModule(path));
    return modules.get(path);
  }
}

/** What a file that the compiler has made declares, and what it has from where; `path` is undefined outside of dist. */
function readModule(path) {
  const imports = new Map();
  const exports = new Map();
  const declarations = new Map();
  // A statement begins at the margin, its comment before it; not all lines there begin one.
  const begin = /^(?=(?:\/\*\*(?:(?!\*\/).)*\*\/\n)?(?:export|import|declare|type|interface) )(?<!\*\/\n)/ms;
  for (const statement of readFileSync(path, 'utf8')
    .trim()
    .split(begin)
    .map((text) => text.trimEnd())) {
    const [, kind, names, from] = /^(import|export) (?:type )?\{([^}]*)\}(?: from '([^']+)')?;$/.exec(statement) ?? [];
    const [, name] =
      /^(?:export )?(?:declare )?(?:abstract )?(?:\w+) ([\w$]+)/m.exec(statement.replace(/^\/\*.*?\*\/\n/s, '')) ?? [];
    if (kind === undefined && !/^(export \* as|import )/.test(statement)) {
      const overloads = declarations.get(name);
      declarations.set(name, overloads === undefined ? statement : `${overloads}\n${statement}`);
    }
    for (const each of names?.split(',').filter((text) => text.trim() !== '') ?? []) {
      const [, name, as = name] = /^(?:type )?([\w$]+)(?: as ([\w$]+))?$/.exec(each.trim());
      const found = from?.startsWith('.') ? { path: fileOf(path, from), name } : { statement };
      if (from !== undefined) (kind === 'import' ? imports : exports).set(as, found);
    }
  }
  return { imports, exports, declarations };
}

function fileOf(path, module) {
  return join(dirname(path), module.replace(/\.js$/, '.d.ts'));
}
