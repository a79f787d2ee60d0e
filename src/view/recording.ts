import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { Figure } from '../figure/figure.js';

/** The first line of a recording; each other line has the figures of one look. */
const HEADER = { format: 'prefork view', version: 2 };

/** Writes each look at once: a recording that is cut off can be replayed up to there. */
export class Recording {
  readonly #onEnd: (error: Error) => void;
  #fd: number | undefined;

  /**
   * @param onEnd told when the file takes no more, such as on a full disk: the recording ends there
   * @throws when the file exists, or cannot be written
   */
  constructor(path: string, onEnd: (error: Error) => void) {
    this.#onEnd = onEnd;
    this.#fd = openSync(path, 'wx');
    this.#write(HEADER);
  }

  add(figures: readonly Figure[]): void {
    try {
      this.#write(figures);
    } catch (error) {
      this.close();
      this.#onEnd(error as Error);
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #write(line: unknown): void {
    if (this.#fd !== undefined) writeFileSync(this.#fd, `${JSON.stringify(line)}\n`);
  }
}

/** @throws when the file is no recording */
export function readRecording(path: string): Figure[][] {
  const [first = '', ...lines] = readFileSync(path, 'utf8').split('\n');
  const header = parsed<typeof HEADER>(first);
  if (header?.format !== HEADER.format || header.version !== HEADER.version) {
    throw new Error(`${path} is no recording of prefork view --record, or one of another version`);
  }
  // The last line may be cut off.
  const frames = lines.flatMap(parsedFigures);
  if (frames.length === 0) throw new Error(`${path} has nothing recorded`);
  return frames;
}

function parsedFigures(line: string): [] | [Figure[]] {
  const figures = parsed<Figure[]>(line);
  return figures === undefined ? [] : [figures];
}

function parsed<T>(line: string): T | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
