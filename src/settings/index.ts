export { toArguments } from './arguments.js';
export { parseListen, parseOwner } from './listen.js';
export { resolveSettings } from './resolve.js';
export type { Config, ServeOptions, Settings } from './settings.js';
export { flagOf, NAMES, type Row, TABLE, variableOf } from './table.js';
