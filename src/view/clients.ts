import { type AddressInfo, connect, type Socket } from 'node:net';
import type { ClientKind, ClientView } from './figure.js';

/** The most connections at a time, and the most characters that a terminal keeps. */
const MOST = 200;
const KEPT = 2000;
const SLOW_LINE = 'slowly\n';

interface Client {
  readonly id: number;
  readonly kind: ClientKind;
  readonly socket: Socket;
  address: string | null;
  text: string;
  timer: NodeJS.Timeout | undefined;
}

/** The page's terminals: TCP connections to the observed server. */
export class Clients {
  readonly #clients = new Map<number, Client>();
  readonly #changed: () => void;
  #last = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** @throws when there would be too many */
  open(port: number, kind: ClientKind): void {
    if (this.#clients.size >= MOST) throw new Error(`at most ${MOST} clients at a time; hang some of them up`);
    const socket = connect({ port, host: '127.0.0.1' });
    const client: Client = { id: ++this.#last, kind, socket, address: null, text: '', timer: undefined };
    this.#clients.set(client.id, client);
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      const { address, port } = socket.address() as AddressInfo;
      client.address = `${address}:${port}`;
      this.#changed();
    });
    socket.on('data', (text: string) => this.#show(client, text));
    socket.on('error', ({ message }) => this.#show(client, `[${message}]\n`));
    socket.on('close', () => {
      clearInterval(client.timer);
      this.#clients.delete(client.id);
      this.#changed();
    });
    if (kind === 'slow') client.timer = this.#sendSlowly(client);
    this.#changed();
  }

  /** @throws when there is no such client */
  send(id: number, text: string): void {
    const client = this.#find(id);
    client.socket.write(`${text}\n`);
    this.#show(client, `> ${text}\n`);
  }

  hangUp(id: number): void {
    this.#find(id).socket.destroy();
  }

  /** With a TCP RST in place of a FIN. */
  reset(id: number): void {
    this.#find(id).socket.resetAndDestroy();
  }

  views(): ClientView[] {
    return [...this.#clients.values()].map(({ id, address, kind, socket, text }) => ({
      id,
      address,
      kind,
      open: !socket.destroyed,
      text,
    }));
  }

  close(): void {
    for (const { socket } of this.#clients.values()) socket.destroy();
  }

  #find(id: number): Client {
    const client = this.#clients.get(id);
    if (client === undefined) throw new Error(`client ${id} has gone`);
    return client;
  }

  #show(client: Client, text: string): void {
    client.text = (client.text + text).slice(-KEPT);
    this.#changed();
  }

  #sendSlowly({ socket }: Client): NodeJS.Timeout {
    let at = 0;
    return setInterval(() => socket.write(SLOW_LINE[at++ % SLOW_LINE.length] ?? ''), 1000);
  }
}
