import { isUtf8 } from 'node:buffer';

// Control and format characters and line breaks, which could forge or garble a terminal's line; but joiners belong to words.
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Bytes of any kind as text for one line of a log: unprintable characters as `\x1b` or `\u{2028}`, bytes that are not
 * UTF-8 as `\xff`, and of more than `limit` bytes only the first, with the whole length. At most 4 times as long as
 * the bytes that it shows.
 */
export function printable(bytes: Buffer, limit: number): string {
  const shown = bytes.length <= limit ? bytes : bytes.subarray(0, characterStart(bytes, limit));
  const text = isUtf8(shown) ? shown.toString() : undecodable(shown);
  const line = text.replace(UNPRINTABLE, escaped);
  return shown === bytes ? line : `${line}… (${bytes.length} bytes)`;
}

function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return character < '\x80' ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

/** The last place not after `end` where a character may start: a cut there leaves none in halves. */
function characterStart(bytes: Buffer, end: number): number {
  for (let start = end; start > end - 4 && start >= 0; start--) {
    if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start;
  }
  return end;
}

function undecodable(bytes: Buffer): string {
  let text = '';
  for (let start = 0; start < bytes.length; ) {
    // As many ones as the first byte begins with is the character's length.
    const length = Math.max(1, Math.clz32(~(bytes[start] ?? 0) << 24));
    const character = bytes.subarray(start, start + length);
    const valid = isUtf8(character);
    text += valid ? character.toString() : `\\x${bytes.toString('hex', start, start + 1)}`;
    start += valid ? length : 1;
  }
  return text;
}
