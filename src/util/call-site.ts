import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CODE_FOLDER } from './package-files.js';

/** How far down the stack the app's own code is looked for. */
const DEPTH = 50;
const PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//;

export interface Frame {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Where the app called `above`: 'file:line:column', with the package that the call came through. */
export function callerPlace(above: (...args: never[]) => unknown): string | undefined {
  return placeOf(framesAbove(above));
}

/** The frames of code that is neither Node's nor prefork's, the innermost first; none where Error is frozen. */
function framesAbove(above: (...args: never[]) => unknown): Frame[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  if (!Reflect.set(Error, 'prepareStackTrace', (_error: unknown, sites: unknown) => sites)) return [];
  Reflect.set(Error, 'stackTraceLimit', DEPTH);
  try {
    const holder: { stack?: NodeJS.CallSite[] } = {};
    Error.captureStackTrace(holder, above);
    return (holder.stack ?? []).flatMap(frameOf);
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    Error.prepareStackTrace = prepareStackTrace;
  }
}

function frameOf(site: NodeJS.CallSite): Frame[] {
  const file = fileOf(site.getFileName() ?? '');
  if (file === undefined) return [];
  return [{ file, line: site.getLineNumber() ?? 0, column: site.getColumnNumber() ?? 0 }];
}

/** A script's path, by its path or URL; undefined for Node's own and prefork's. */
export function fileOf(script: string): string | undefined {
  const path = pathOf(script);
  return path.startsWith(sep) && !path.startsWith(CODE_FOLDER) ? path : undefined;
}

/** Whether a script is prefork's. */
export function isOwn(script: string): boolean {
  return pathOf(script).startsWith(CODE_FOLDER);
}

function pathOf(script: string): string {
  return script.startsWith('file:') ? fileURLToPath(script) : script;
}

/** The innermost frame outside of node_modules, or else the innermost: 'file:line:column, through package'. */
export function placeOf(frames: readonly Frame[]): string | undefined {
  const [innermost] = frames;
  const frame = frames.find(({ file }) => packageOf(file) === undefined) ?? innermost;
  if (frame === undefined || innermost === undefined) return undefined;
  const through = packageOf(innermost.file);
  return `${frame.file}:${frame.line}:${frame.column}${through === undefined ? '' : `, through ${through}`}`;
}

/** The package that a file belongs to, under node_modules; undefined for the app's own. */
export function packageOf(file: string): string | undefined {
  return PACKAGE.exec(file)?.[1];
}
