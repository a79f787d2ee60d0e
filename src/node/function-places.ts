import { fileOf, isOwn, placeOf } from '../util/call-site.js';
import { look, type SourcePlace } from './inspector-session.js';

/** Where functions are written, as far as it was looked up. */
const sources = new WeakMap<object, SourcePlace | undefined>();

/** Where a function is written. */
export interface Written {
  /** 'file:line:column'; undefined for a native one, and for Node's own. */
  readonly place: string | undefined;
  /** It is prefork's. */
  readonly isOwn: boolean;
}

/** Where functions are written; nothing is known of them in a Node without an inspector. */
export function whereWritten(functions: readonly object[]): Written[] {
  lookUp(functions.filter((fn) => !sources.has(fn)));
  return functions.map((fn) => {
    const source = sources.get(fn);
    return { place: source && placeOfSource(source), isOwn: source !== undefined && isOwn(source.script) };
  });
}

function lookUp(unknown: readonly object[]): void {
  if (unknown.length === 0) return;
  const places = look((view) => view.sourcePlaces(unknown)) ?? [];
  for (const [index, place] of places.entries()) sources.set(unknown[index] as object, place);
}

function placeOfSource({ script, line, column }: SourcePlace): string | undefined {
  const file = fileOf(script);
  return file === undefined ? undefined : placeOf([{ file, line, column }]);
}
