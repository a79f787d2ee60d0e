import { type AddressInfo, connect, type Socket } from 'node:net';
import { addressText } from '../net/address.js';
import type { ClientKind, ClientView } from './messages.js';

/** How many clients there may be at a time. */
const MAX_OPEN = 200;
/** How many characters a terminal keeps. */
const KEPT = 2000;
const SLOW_LINE = 'slowly\n';

/** How many of those that the server has hung up on are still shown. */
const GONE_SHOWN = 6;

interface End {
  readonly socket: Socket;
  address: string | null;
  text: string;
}

interface Client {
  readonly id: number;
  readonly kind: ClientKind;
  readonly ends: readonly End[];
  timer: NodeJS.Timeout | undefined;
}

/** The page's terminals: TCP connections to the observed servers, to each the same. */
export class Clients {
  readonly #clients = new Map<number, Client>();
  readonly #changed: () => void;
  #last = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** @param servers their listeners, 'ADDRESS:PORT' @throws when there would be too many */
  open(servers: readonly string[], kind: ClientKind): void {
    if (this.#clients.size >= MAX_OPEN) throw new Error(`at most ${MAX_OPEN} clients at a time; hang some of them up`);
    const ends = servers.map((server): End => ({ socket: connect(reachable(server)), address: null, text: '' }));
    const client: Client = { id: ++this.#last, kind, ends, timer: undefined };
    this.#clients.set(client.id, client);
    for (const end of ends) this.#listen(client, end);
    if (kind === 'slow') client.timer = sendSlowly(client);
    this.#changed();
  }

  /** @throws when there is no such client */
  send(id: number, text: string): void {
    for (const end of this.#find(id).ends) {
      if (end.socket.destroyed) continue;
      end.socket.write(`${text}\n`);
      this.#show(end, `> ${text}\n`);
    }
  }

  hangUp(id: number): void {
    const { ends } = this.#find(id);
    this.#clients.delete(id);
    for (const { socket } of ends) socket.destroy();
  }

  /** Hangs up with a TCP RST in place of a FIN. */
  reset(id: number): void {
    const { ends } = this.#find(id);
    this.#clients.delete(id);
    for (const { socket } of ends) socket.resetAndDestroy();
  }

  /** Takes one away that the servers have hung up on. */
  forget(id: number): void {
    this.hangUp(id);
    this.#changed();
  }

  views(): ClientView[] {
    return [...this.#clients.values()].map(({ id, kind, ends }) => ({
      id,
      kind,
      ends: ends.map(({ address, socket, text }) => ({ address, open: !socket.destroyed, text })),
    }));
  }

  close(): void {
    for (const id of [...this.#clients.keys()]) this.hangUp(id);
    this.#changed();
  }

  #listen(client: Client, end: End): void {
    const { socket } = end;
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      end.address = addressText(socket.address() as AddressInfo);
      this.#changed();
    });
    socket.on('data', (text: string) => this.#show(end, text));
    socket.on('error', ({ message }) => this.#show(end, `[${message}]\n`));
    socket.on('close', () => {
      if (client.ends.every((other) => other.socket.destroyed)) clearInterval(client.timer);
      this.#forgetSome();
      this.#changed();
    });
  }

  #find(id: number): Client {
    const client = this.#clients.get(id);
    if (client === undefined) throw new Error(`client ${id} has gone`);
    return client;
  }

  #show(end: End, text: string): void {
    end.text = (end.text + text).slice(-KEPT);
    this.#changed();
  }

  #forgetSome(): void {
    const gone = [...this.#clients.values()].filter(({ ends }) => ends.every(({ socket }) => socket.destroyed));
    for (const { id } of gone.slice(0, -GONE_SHOWN)) this.#clients.delete(id);
  }
}

/** Where to connect to a listener, 'ADDRESS:PORT'; to one that listens on all addresses, on this machine. */
function reachable(listener: string): { readonly host: string; readonly port: number } {
  const at = listener.lastIndexOf(':');
  const host = listener.slice(0, at).replace(/[[\]]/g, '');
  return { host: ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host, port: Number(listener.slice(at + 1)) };
}

function sendSlowly({ ends }: Client): NodeJS.Timeout {
  let at = 0;
  return setInterval(() => {
    const byte = SLOW_LINE[at++ % SLOW_LINE.length] ?? '';
    for (const { socket } of ends) socket.write(byte);
  }, 1000);
}
