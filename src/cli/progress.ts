import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';

export interface ProgressLine {
  readonly show: (text: string) => void;
  readonly clear: () => void;
}

/** One line that is written over again and again; nothing where there is no terminal. */
export function progressLine(stream: WriteStream): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  const clear = () => {
    cursorTo(stream, 0);
    clearLine(stream, 0);
  };
  const show = (text: string) => {
    clear();
    stream.write(text.slice(0, stream.columns - 1));
  };
  return { show, clear };
}
