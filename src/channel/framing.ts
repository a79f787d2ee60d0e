const LF = 0x0a;

export function encode(message: object): string {
  return `${JSON.stringify(message)}\n`;
}

/** Makes messages, one JSON text a line, out of chunks that are split anywhere. */
export class Decoder<Message> {
  #unfinished = Buffer.alloc(0);

  push(chunk: Uint8Array): Message[] {
    const bytes = Buffer.concat([this.#unfinished, chunk]);
    const end = bytes.lastIndexOf(LF) + 1;
    this.#unfinished = bytes.subarray(end);
    const lines = bytes.toString('utf8', 0, end).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Message);
  }
}
