import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { onTestFailed, onTestFinished } from 'vitest';
import { Lines } from './lines.js';
import { processesWithEnvironment } from './proc.js';
import { eventually } from './wait.js';

export const ROOT = join(import.meta.dirname, '../..');
export const CLI = join(ROOT, 'dist/cli/main.js');
/** The environment variable that marks all that a test starts, through fork and exec, also when its parent has died. */
const MARK = 'PREFORK_TEST_MARK';

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A process group of its own, which process.kill(-pid, 'SIGINT') signals as Ctrl-C on a terminal does. */
  readonly group?: boolean;
  /** Descriptors that it has as 3, 4, … */
  readonly descriptors?: readonly number[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A started process; its own lines are those of both outputs. */
export class Running extends Lines {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Lines;
  readonly stderr: Lines;
  /** The process's end. */
  readonly exit: Promise<Ended>;
  /** The end of the process and of its outputs, which its children hold as well: all of the text is there. */
  readonly closed: Promise<Ended>;

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.pid = child.pid as number;
    this.stdin = child.stdin;
    this.stdin.on('error', () => {}); // A process that has ended takes no input; its exit tells.
    this.stdout = linesOf(child.stdout);
    this.stderr = linesOf(child.stderr);
    this.add(child.stdout);
    this.add(child.stderr);
    this.exit = ending(child, 'exit');
    this.closed = ending(child, 'close');
  }
}

/**
 * Starts a program and waits until it runs. When the test ends, whatever it left behind is killed, and its output is
 * shown if the test failed. To be called inside a test.
 */
export async function start(program: string, args: readonly string[], options: StartOptions = {}): Promise<Running> {
  const mark = randomUUID();
  const child = spawn(program, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env, [MARK]: mark },
    detached: options.group ?? false,
    stdio: ['pipe', 'pipe', 'pipe', ...(options.descriptors ?? [])],
  }) as ChildProcessWithoutNullStreams;
  onTestFinished(() => killAll(mark));
  await once(child, 'spawn');
  const running = new Running(child);
  onTestFailed(() => console.error(`output of ${[program, ...args].join(' ')}:\n${running.text}`));
  return running;
}

/** Starts Node, the one that runs the tests. */
export function startNode(args: readonly string[], options?: StartOptions): Promise<Running> {
  return start(process.execPath, args, options);
}

/** Starts the built command: startPrefork(['echo', '--port', '0']). */
export function startPrefork(args: readonly string[], options?: StartOptions): Promise<Running> {
  return startNode([CLI, ...args], options);
}

/** How a fixture of the native tests ends, and what it says, a line of JSON each. */
export async function runNative(fixture: string, args: readonly string[], flags: readonly string[] = []) {
  const running = await startNode([...flags, join(ROOT, `test/fixtures/native/${fixture}.mjs`), ...args]);
  const end = await running.closed;
  return { ...end, stderr: running.stderr.text, said: running.stdout.json() };
}

/** How a command ends, and all that it says. */
export async function outcomeOf(...args: readonly string[]): Promise<[code: number | null, text: string]> {
  const command = await startPrefork(args);
  const { code } = await command.closed;
  return [code, command.text];
}

/** How a command ends, and what it says on either output. */
export async function outputsOf(...args: readonly string[]) {
  const command = await startPrefork(args);
  const { code } = await command.closed;
  return { code, stdout: command.stdout.text, stderr: command.stderr.text };
}

/** Ends, by SIGKILL and by process id, all that was started under a mark, and waits until it is gone. */
async function killAll(mark: string): Promise<void> {
  await eventually('the processes of the test are gone', () => {
    const left = processesWithEnvironment(MARK, mark);
    for (const pid of left) kill(pid);
    return left.length === 0;
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function linesOf(stream: Readable): Lines {
  const lines = new Lines();
  lines.add(stream);
  return lines;
}

function ending(child: ChildProcessWithoutNullStreams, event: 'exit' | 'close'): Promise<Ended> {
  return new Promise((resolve) => {
    child.once(event, (code: number | null, signal: NodeJS.Signals | null) => resolve({ code, signal }));
  });
}
