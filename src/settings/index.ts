export { type LibraryOptions, readOptions } from './library-options.js';
export { byNameOf, logicalCwd, logicalPath, pathInRealFolder, realPath } from './paths.js';
export { invalid } from './read.js';
export { defaults, resolveSettings } from './resolve.js';
export { parseRlimit } from './rlimit.js';
export type { Config, Named, ServeOptions, Settings } from './settings.js';
export { flagOf, NAMES, type Row, TABLE, variableOf } from './table.js';
export { toldSettings } from './told.js';
