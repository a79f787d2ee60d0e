import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { ClientHandle } from './clients.js';

/** Node's parser of HTTP/1 is on the socket until the connection becomes another protocol's. */
type ParsedSocket = Socket & { readonly parser?: object | null };

/** Whether an HTTP/1 connection has become another protocol's: 'upgrade', as for WebSockets, or 'connect'. */
export function isUpgraded(socket: ParsedSocket): boolean {
  return !socket.parser;
}

/** Ends what does not end by itself, WebSockets, tunnels and event streams, and closes it when it is ended once more. */
export class StreamEnder {
  readonly #ended = new WeakSet<Socket | ServerHttp2Stream>();

  /** Those of one client. */
  end({ socket, response, http2 }: ClientHandle): void {
    if (http2 !== undefined) {
      for (const [stream, isTunnel] of http2) {
        if (isTunnel || isEventStream(stream.sentHeaders?.['content-type'])) this.#end(stream, () => stream.close());
      }
    } else if (socket !== undefined && isUpgraded(socket)) {
      this.#end(socket, () => hangUp(socket));
    } else if (socket !== undefined && response !== undefined && isEventStream(contentType(response))) {
      // For the response, the last chunk: RFC 9112, section 7.1. The app sees the client leave.
      const isItsTurn = response.chunkedEncoding && response.socket === socket;
      this.#end(socket, () => hangUp(socket, isItsTurn ? '0\r\n\r\n' : ''));
    }
  }

  #end<Stream extends Socket | ServerHttp2Stream>(stream: Stream, end: () => void): void {
    if (this.#ended.has(stream)) stream.destroy();
    else end();
    this.#ended.add(stream);
  }
}

function hangUp(socket: Socket, lastWords = ''): void {
  // The app, which does not know, may write on.
  socket.on('error', () => {});
  socket.end(lastWords);
}

/** writeHead() keeps a header for getHeader() only when setHeader() was used as well: what was sent is looked at. */
function contentType(response: ServerResponse & { readonly _header?: string | null }): string | undefined {
  return /^content-type:[ \t]*(.*)$/im.exec(response._header ?? '')?.[1];
}

function isEventStream(type: string | number | readonly string[] | undefined): boolean {
  return typeof type === 'string' && /^text\/event-stream\b/i.test(type);
}
