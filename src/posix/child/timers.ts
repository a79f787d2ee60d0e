interface TimerList {
  _idleNext: NodeJS.Timeout | TimerList;
}
type Timer = NodeJS.Timeout & { _idleNext: NodeJS.Timeout | TimerList };

/** Node's own record of all timers: a ring of them for each duration, by milliseconds. */
type TimerLists = Record<string, TimerList>;

let lists: TimerLists | undefined;
let lookedUp = false;

/**
 * Finds Node's record of its timers; before the fork, once, and only when there are any. No interface gives it
 * away, so the debugger's view is used: setTimeout's closure knows insert, and insert's the record.
 */
export function findTimers(): void {
  if (lookedUp || !process.getActiveResourcesInfo().includes('Timeout')) return;
  lookedUp = true;
  lists = lookUp();
  if (lists !== undefined) return;
  const warning = "fork() cannot see this Node's timers: in its children, those of the parent go on as well";
  process.emitWarning(warning, { code: 'PREFORK_TIMERS' });
}

/** Clears, in the child, the timers that kept the parent's event loop alive: fork(2) hands down no timers either. */
export function clearTimers(): void {
  for (const list of Object.values(lists ?? {})) {
    for (let timer = list._idleNext as Timer; timer !== (list as unknown); ) {
      const next = timer._idleNext as Timer;
      if (timer.hasRef?.()) clearTimeout(timer);
      timer = next;
    }
  }
}

/** Undefined in a Node without an inspector or that forbids it, and with setTimeout replaced. */
function lookUp(): TimerLists | undefined {
  let view: DebuggersView | undefined;
  try {
    view = new DebuggersView();
    const setTimeoutId = view.evaluate("process.getBuiltinModule('timers').setTimeout");
    const insertId = view.closureVariable(setTimeoutId, 'insert');
    return view.take(view.closureVariable(insertId, 'timerListMap')) as TimerLists | undefined;
  } catch {
    return undefined;
  } finally {
    view?.close();
  }
}

interface RemoteProperty {
  name: string;
  value?: { objectId?: string };
}

/** This thread as a debugger sees it; no debugger is attached, and nothing listens. */
class DebuggersView {
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
