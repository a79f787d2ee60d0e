/** What takes two columns of a terminal: East Asian characters and emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const NONE = /\p{M}/u;

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** As much of the beginning as fits. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let [end, used] = [0, 0];
  for (const character of text) {
    used += widthOf(character);
    if (used >= columns) break;
    end += character.length;
  }
  return `${text.slice(0, end)}…`;
}

function widthOf(character: string): number {
  if (character < '\u0300') return 1;
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
