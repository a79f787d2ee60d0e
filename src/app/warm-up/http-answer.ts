import type { WarmUpResponse } from '../api/registry.js';

const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';

/**
 * Reads an answer of HTTP/1.1. It stands beside Node's client, which is the server's own code in good part: what that
 * is compiled for would then be answers of both kinds.
 * @param bytes all that has come so far
 * @param ended nothing more comes
 * @returns undefined while it is not complete
 */
export function readAnswer(bytes: Buffer, { method, ended }: { method: string; ended: boolean }) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split(LINE_END);
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`it is no HTTP: ${first.slice(0, 40)}`);
  const rest = bytes.subarray(end + HEAD_END.length);
  if (status < 200 && status !== 101) return readAnswer(rest, { method, ended });
  const headers = headersIn(lines);
  const body = bodyIn(rest, { headers, isEmpty: method === 'HEAD' || [101, 204, 304].includes(status), ended });
  return body && ({ status, headers, body } satisfies WarmUpResponse);
}

/** As Node's: by names in lower case, set-cookie as a list, others joined. */
function headersIn(lines: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    const value = line.slice(name.length + 1).trim();
    const known = headers[name];
    if (name === 'set-cookie') headers[name] = [...(known ?? []), value];
    else headers[name] = known === undefined ? value : `${known}, ${value}`;
  }
  return headers;
}

interface Framing {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly isEmpty: boolean;
  readonly ended: boolean;
}

function bodyIn(bytes: Buffer, { headers, isEmpty, ended }: Framing): Buffer | undefined {
  const { 'transfer-encoding': encoding, 'content-length': length } = headers;
  if (isEmpty) return Buffer.alloc(0);
  if (encoding !== undefined) return chunksIn(bytes);
  if (length !== undefined) return bytes.length < Number(length) ? undefined : bytes.subarray(0, Number(length));
  return ended ? bytes : undefined;
}

function chunksIn(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const line = bytes.toString('latin1', at, lineEnd);
    // A sign would lead back to an earlier chunk, and so on for ever.
    if (!/^[0-9a-f]/i.test(line)) throw new Error(`it is no HTTP: a chunk's size is ${line.slice(0, 40)}`);
    const size = Number.parseInt(line, 16);
    const start = lineEnd + LINE_END.length;
    if (size === 0) return Buffer.concat(chunks);
    if (bytes.length < start + size + LINE_END.length) return undefined;
    chunks.push(bytes.subarray(start, start + size));
    at = start + size + LINE_END.length;
  }
}
