import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type HttpSocket = Socket & {
  /** Node's parser of HTTP/1 is on the socket until the connection becomes another protocol's. */
  readonly parser?: object | null;
  /** The response under way; Node takes a connection for idle when that has been written. */
  _httpMessage?: { readonly finished: boolean } | null | undefined;
};

const UNFINISHED = { finished: false };

/** Whether an HTTP/1 connection has become another protocol's: 'upgrade', as for WebSockets, or 'connect'. */
export function isUpgraded(socket: Socket): boolean {
  return !(socket as HttpSocket).parser;
}

/** Does something, such as closeIdleConnections(), while Node takes these connections for busy. */
export function sparing(sockets: readonly Socket[], close: () => void): void {
  const spared = sockets.map((socket: HttpSocket) => [socket, socket._httpMessage] as const);
  for (const [socket] of spared) socket._httpMessage = UNFINISHED;
  try {
    close();
  } finally {
    for (const [socket, message] of spared) socket._httpMessage = message;
  }
}

/** The header of a response as it was sent: writeHead() keeps one for getHeader() only where setHeader() was used, too. */
export function sentHeader(response: ServerResponse): string {
  return (response as ServerResponse & { readonly _header?: string | null })._header ?? '';
}

/** Has a server that is about to listen look for connections whose time is up at least this often. @param interval ms */
export function checkConnectionsEvery(server: Server, interval: number): void {
  const checked = server as Server & { connectionsCheckingInterval: number };
  checked.connectionsCheckingInterval = Math.min(checked.connectionsCheckingInterval, interval);
}
