interface RemoteProperty {
  name: string;
  value?: { objectId?: string };
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
    const global = '__preforkTaken';
    if (objectId === undefined) return undefined;
    const functionDeclaration = `function () { globalThis.${global} = this; }`;
    this.#post('Runtime.callFunctionOn', { objectId, functionDeclaration });
    const taken: unknown = Reflect.get(globalThis, global);
    Reflect.deleteProperty(globalThis, global);
    return taken;
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
