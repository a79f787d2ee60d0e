import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { isUpgraded, sentHeader } from '../../node/http-connections.js';
import type { ClientHandle } from './clients.js';

/** Ends what does not end by itself, WebSockets, tunnels and event streams, and closes it when it is ended once more. */
export class StreamEnder {
  readonly #ended = new WeakSet<Socket | ServerHttp2Stream>();

  /** Ends the streams of one client. */
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

function contentType(response: ServerResponse): string | undefined {
  return /^content-type:[ \t]*(.*)$/im.exec(sentHeader(response))?.[1];
}

function isEventStream(type: string | number | readonly string[] | undefined): boolean {
  return typeof type === 'string' && /^text\/event-stream\b/i.test(type);
}
