import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Figure } from '../figure/figure.js';

/** The first line of a recording; each other line has the figures of one look. */
const HEADER = { format: 'prefork view', version: 2 };

/** Writes each look at once: a recording that is cut off can be replayed up to there. */
export class Recording {
  readonly #fd: number;

  /** @throws when the file exists, or cannot be written */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx');
    writeSync(this.#fd, `${JSON.stringify(HEADER)}\n`);
  }

  add(figures: readonly Figure[]): void {
    writeSync(this.#fd, `${JSON.stringify(figures)}\n`);
  }

  close(): void {
    closeSync(this.#fd);
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
