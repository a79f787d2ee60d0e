import type { Session } from 'node:inspector';

/** A Worker (worker_threads), and where it is in its code. */
export interface WorkerPlace {
  /** Its `threadId`. */
  readonly id: number;
  /** The name that it was given. */
  readonly name: string | undefined;
  /** The kernel's id of its thread; undefined of one that did not answer: it starts, ends, or is in native code. */
  readonly thread: number | undefined;
  /** The innermost line of its code that is not Node's: 'FUNCTION at FILE:LINE:COLUMN'; undefined where there is none. */
  readonly place: string | undefined;
}

/** What a Worker evaluates. */
interface Answer {
  readonly thread: string;
  readonly frames: readonly (readonly [file: string | null, line: number, column: number, fn: string | null])[];
}

/** How long to wait before it is looked for answers again, in milliseconds. */
const LOOK_EVERY_MS = 2;
/** As NodeWorker.attachedToWorker has it: '[worker 3] name'. */
const TITLE = /^\[worker (\d+)\](?: (.+))?$/;
/** What newer Nodes call those that have no name. */
const NO_NAME = 'WorkerThread';

/** It runs in the midst of what the Worker does, whose frames are below its own. */
const QUESTION = `(() => {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = 50;
  Error.prepareStackTrace = (_, sites) =>
    sites.map((at) => [at.getFileName(), at.getLineNumber(), at.getColumnNumber(), at.getFunctionName()]);
  try {
    return {
      thread: process.getBuiltinModule('fs').readlinkSync('/proc/thread-self').split('/').at(-1),
      frames: new Error().stack,
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
})()`;

/**
 * Asks all Workers where they are, as a debugger would, but without stopping them. Blocks until one of them has answered.
 * @param wanted its thread
 * @param timeout milliseconds
 * @returns none in a Node without an inspector, or that forbids it
 */
export function workerPlaces(wanted: number, timeout: number): WorkerPlace[] {
  const inspector = process.getBuiltinModule('inspector') as typeof import('node:inspector') | undefined;
  if (inspector === undefined) return [];
  const session = new inspector.Session();
  try {
    session.connect();
    return ask(session, wanted, timeout);
  } catch {
    return [];
  } finally {
    session.disconnect();
  }
}

function ask(session: Session, wanted: number, timeout: number): WorkerPlace[] {
  const titles = new Map<string, string>();
  const answers = new Map<string, Answer>();
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
    titles.set(sessionId, workerInfo.title);
    const params = { expression: QUESTION, returnByValue: true };
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params });
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
    const answer = JSON.parse(message)?.result?.result?.value as Answer | undefined;
    if (answer !== undefined) answers.set(sessionId, answer);
  });
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  // Answers come in between, by an interrupt of the engine.
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const deadline = performance.now() + timeout;
  const hasAnswered = () => [...answers.values()].some(({ thread }) => Number(thread) === wanted);
  while (answers.size < titles.size && !hasAnswered() && performance.now() < deadline) {
    Atomics.wait(cell, 0, 0, LOOK_EVERY_MS);
  }
  return [...titles].flatMap(([session, title]) => workerPlace(title, answers.get(session)) ?? []);
}

function workerPlace(title: string, answer: Answer | undefined): WorkerPlace | undefined {
  const [, id, name] = TITLE.exec(title) ?? [];
  if (id === undefined) return undefined;
  const frame = answer?.frames.find(([file]) => file !== null && file !== '' && !file.startsWith('node:'));
  return {
    id: Number(id),
    name: name === NO_NAME ? undefined : name,
    thread: answer && Number(answer.thread),
    place: frame && placeText(frame),
  };
}

function placeText([file, line, column, fn]: Answer['frames'][number]): string {
  return `${fn ? `${fn} at ` : ''}${scriptText(file ?? '')}:${line}:${column}`;
}

/** A URL of data is the whole code. */
function scriptText(file: string): string {
  if (file.startsWith('data:')) return 'data:…';
  return file.startsWith('file:') ? process.getBuiltinModule('url').fileURLToPath(file) : file;
}
