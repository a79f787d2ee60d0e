const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENS = [0x5b, 0x7b]; // [ {
const CLOSES = [0x5d, 0x7d];

/**
 * Whether arrays and objects of a JSON text are nested deeper than so many times. JSON.parse() takes any depth, but what
 * is done to the value next, such as JSON.stringify(), may need more of the stack than there is.
 * @param text in UTF-8
 */
export function isNestedDeeper(text: Uint8Array, most: number): boolean {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    if (byte === QUOTE) isString = !isString;
    else if (isString) i += Number(byte === BACKSLASH);
    else if (OPENS.includes(byte)) depth++;
    else if (CLOSES.includes(byte)) depth--;
    if (depth > most) return true;
  }
  return false;
}
