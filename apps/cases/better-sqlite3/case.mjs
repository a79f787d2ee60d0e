import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

export default {
  title: 'better-sqlite3',
  group: 'Native code and files',
  packages: ['better-sqlite3', 'express'],
  script: 'app.cjs',
  // On Node 24 this version aborts in Statement::~Statement.
  expected: (major) => ({ outcome: major === 24 ? 'broken' : 'unmodified' }),
  // It is compiled for one version of Node, so the folder has a copy of its own.
  setupPerNode: true,
  setup: async ({ run, packages, folder, node }) => {
    const own = `${folder}/node_modules/better-sqlite3`;
    mkdirSync(own, { recursive: true });
    cpSync(`${packages}/node_modules/better-sqlite3`, own, { recursive: true });
    const gyp = resolve(import.meta.dirname, '../../../node_modules/node-gyp/bin/node-gyp.js');
    // Node's own headers, which are beside its binary; node-gyp would download them.
    const prefix = resolve(node.path, '../..');
    const headers = existsSync(`${prefix}/include/node`) ? [`--nodedir=${prefix}`] : [];
    await run(node.path, [gyp, 'rebuild', '--release', ...headers], { cwd: own, milliseconds: 900_000 });
  },
};
