import stringWidth from 'string-width'; // Bundled when prefork is built: see scripts/bundle.mjs.

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** As much of the beginning as fits. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let used = 0;
  for (const { segment, index } of characters.segment(text)) {
    used += columnsOf(segment);
    if (used >= columns) return `${text.slice(0, index)}…`;
  }
  return text;
}
