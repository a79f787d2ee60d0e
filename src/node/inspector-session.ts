interface RemoteProperty {
  name: string;
  value?: { objectId?: string; value?: unknown };
}

/** A place in a script; line and column count from 0. */
interface Location {
  scriptId: string;
  lineNumber: number;
  columnNumber: number;
}

/** Where a function is written; line and column count from 1. */
export interface SourcePlace {
  /** The script's path or URL. */
  readonly script: string;
  readonly line: number;
  readonly column: number;
}

/** The global variable by which an object is handed to the inspector, and taken from it. */
const GLOBAL = '__preforkHanded';

/**
 * The paths and URLs of all scripts, in the order in which they were compiled; undefined in a Node without an inspector
 * or that forbids it.
 */
export function scripts(): string[] | undefined {
  return look((view) => view.scripts());
}

/** All objects that have this one among their prototypes; none in such a Node. It collects garbage, which takes its time. */
export function objectsWith(prototype: object): object[] {
  return look((view) => view.objectsWith(prototype)) ?? [];
}

/** Uses the debugger's view for a moment. @returns undefined in a Node without an inspector, or that forbids it */
export function look<Result>(use: (view: DebuggersView) => Result): Result | undefined {
  let view: DebuggersView | undefined;
  try {
    view = new DebuggersView();
    return use(view);
  } catch {
    return undefined;
  } finally {
    view?.close();
  }
}

/** This thread as a debugger sees it; no debugger is attached, and nothing listens. */
export class DebuggersView {
  readonly #session = new (process.getBuiltinModule('inspector').Session)();

  constructor() {
    this.#session.connect();
  }

  close(): void {
    this.#session.disconnect();
  }

  evaluate(expression: string): string | undefined {
    return this.#post<{ result: { objectId?: string } }>('Runtime.evaluate', { expression })?.result.objectId;
  }

  /** A variable of the scopes that a function has closed over. */
  closureVariable(functionId: string | undefined, name: string): string | undefined {
    const [scopes] = this.#properties(functionId, 'internalProperties').filter((p) => p.name === '[[Scopes]]');
    for (const scope of this.#properties(scopes?.value?.objectId, 'result')) {
      const found = this.#properties(scope.value?.objectId, 'result').find((p) => p.name === name);
      if (found !== undefined) return found.value?.objectId;
    }
    return undefined;
  }

  /** The object itself. */
  take(objectId: string | undefined): unknown {
    if (objectId === undefined) return undefined;
    const functionDeclaration = `function () { globalThis.${GLOBAL} = this; }`;
    this.#post('Runtime.callFunctionOn', { objectId, functionDeclaration });
    const taken: unknown = Reflect.get(globalThis, GLOBAL);
    Reflect.deleteProperty(globalThis, GLOBAL);
    return taken;
  }

  /** The paths and URLs of all scripts, in the order in which they were compiled. */
  scripts(): string[] {
    return [...this.#scripts()].sort(([a], [b]) => Number(a) - Number(b)).map(([, name]) => name);
  }

  /** Where functions are written; undefined for a native one. */
  sourcePlaces(functions: readonly unknown[]): (SourcePlace | undefined)[] {
    const scripts = this.#scripts();
    return functions.map((fn) => {
      const location = this.#location(this.#give(fn));
      const script = location && scripts.get(location.scriptId);
      return location && script !== undefined
        ? { script, line: location.lineNumber + 1, column: location.columnNumber + 1 }
        : undefined;
    });
  }

  /** All objects that have this one among their prototypes. It collects garbage first, which takes its time. */
  objectsWith(prototype: object): object[] {
    const prototypeObjectId = this.#give(prototype);
    const found = this.#post<{ objects: { objectId: string } }>('Runtime.queryObjects', { prototypeObjectId });
    return [...((this.take(found?.objects.objectId) as object[] | undefined) ?? [])];
  }

  #give(object: unknown): string | undefined {
    Reflect.set(globalThis, GLOBAL, object);
    const objectId = this.evaluate(`globalThis.${GLOBAL}`);
    Reflect.deleteProperty(globalThis, GLOBAL);
    return objectId;
  }

  #location(functionId: string | undefined): Location | undefined {
    const internal = this.#properties(functionId, 'internalProperties');
    const named = (name: string) => internal.find((property) => property.name === name)?.value;
    const bound = named('[[TargetFunction]]');
    return bound ? this.#location(bound.objectId) : (named('[[FunctionLocation]]')?.value as Location | undefined);
  }

  /** The paths and URLs of all scripts, by their ids. */
  #scripts(): Map<string, string> {
    const urls = new Map<string, string>();
    this.#session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    this.#post('Debugger.enable', {});
    this.#post('Debugger.disable', {});
    this.#session.removeAllListeners('Debugger.scriptParsed');
    return urls;
  }

  #properties(objectId: string | undefined, which: 'result' | 'internalProperties'): RemoteProperty[] {
    if (objectId === undefined) return [];
    const parameters = { objectId, ownProperties: true };
    return this.#post<Record<typeof which, RemoteProperty[]>>('Runtime.getProperties', parameters)?.[which] ?? [];
  }

  // On the own thread the answer comes before post returns.
  #post<Result>(method: string, parameters: object): Result | undefined {
    let answer: Result | undefined;
    this.#session.post(method, parameters, (_error, result) => {
      answer = result as Result;
    });
    return answer;
  }
}
