import { fstatSync, writeFileSync, writeSync } from 'node:fs';
import { LineOutput } from '../output/line-output.js';
import { outputError } from '../output/output-error.js';

const STDOUT = 1;
const STDERR = 2;
/** How long a complaint waits for room on standard error, in milliseconds, before the command ends without it. */
const WRITE_TIMEOUT_MS = 1000;

/**
 * Prints on standard output; gives exit status 0, also when its reader has stopped reading (head does).
 * @throws when it cannot be written otherwise: the disk is full, the terminal is gone
 */
export async function print(text: string): Promise<number> {
  try {
    await (fstatSync(STDOUT).isFile() ? writeToFile(text) : writeToReader(text));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw outputError(error as Error);
  }
  return 0;
}

/** Writes a file of a command's. @throws an error that names it */
export function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new Error(`cannot write ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Says on standard error, in one line and at once, why the command fails. It needs no reader, and never throws. */
export function complain(reason: string): void {
  const line = `prefork: ${reason}`;
  const onLoss = ({ syscall }: NodeJS.ErrnoException) => {
    if (syscall === undefined) withoutAddon(line);
  };
  new LineOutput(STDERR, { timeoutMs: WRITE_TIMEOUT_MS, onLoss }).write(line);
}

// Node's stream for a file takes a part for the whole where the disk is nearly full.
function writeToFile(text: string): void {
  for (let rest: Uint8Array = Buffer.from(text); rest.length > 0; ) {
    rest = rest.subarray(writeSync(STDOUT, rest));
  }
}

function writeToReader(text: string): Promise<void> {
  const { stdout } = process;
  return new Promise((resolve, reject) => {
    stdout.on('error', reject);
    stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** That there is no addon may be what to complain about. */
function withoutAddon(line: string): void {
  try {
    writeSync(STDERR, `${line}\n`);
  } catch {
    // Standard error is gone, so the failure cannot be reported.
  }
}
