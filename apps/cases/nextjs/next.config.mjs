import { resolve } from 'node:path';

// The packages are two folders up; a folder with a lock file is taken for the root otherwise.
export default { turbopack: { root: resolve(import.meta.dirname, '../..') } };
