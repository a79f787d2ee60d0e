import type { EventedChannel } from '../channel/evented.js';
import type { ListenRequest } from '../channel/messages.js';
import { addressText } from '../net/address.js';
import { listenEverywhere } from '../net/everywhere.js';
import { listenOnPath, type OpenListener } from '../net/unix-path.js';
import { discard } from '../posix/file.js';
import { getListenQueue, getsockname, listen, shutdown } from '../posix/index.js';

/** Where to listen instead of where the app's first server would. */
export type Override = { readonly path: string } | { readonly host?: string; readonly port: number };

/** What a path that is in use gives, where the kernel has not said so itself. */
const EADDRINUSE = -98;

interface Entry {
  readonly listeners: readonly OpenListener[];
  /** The last generation that asked for it. */
  generation: number;
}

/** The listening sockets of the service. They live here, in the monitor, from the first request for them to its end. */
export class Listeners {
  readonly #entries = new Map<string, Promise<Entry>>();
  readonly #open = new Map<string, Entry>();

  /**
   * @param overrides for the app's first server
   * @param activated sockets that a service manager has opened, for the same
   * @param inherited sockets that the app may listen on by their descriptors, without a request
   */
  constructor(
    readonly overrides: readonly Override[],
    readonly activated: readonly number[],
    readonly inherited: readonly number[],
  ) {}

  /** Opens what is asked for, or gives what is open already. The descriptors stay open here. */
  async answer(request: ListenRequest, generation: number, channel: EventedChannel): Promise<void> {
    const key = this.#keyOf(request);
    try {
      const entry = await this.#entry(key, request);
      entry.generation = Math.max(entry.generation, generation);
      const addresses = entry.listeners.map(({ address }) => address);
      const fds = entry.listeners.map(({ fd }) => fd);
      channel.send({ type: 'listening', key, addresses }, fds);
    } catch (error) {
      channel.send({ type: 'not listening', errno: errnoOf(error) });
    }
  }

  /** Of all, with their queues; null where the kernel does not tell. An app that asks for none serves inherited ones. */
  describe(): { address: string; queued: number | null; backlog: number | null }[] {
    const requested = this.#all();
    const listeners = requested.length > 0 ? requested : this.inherited.map(adopt);
    return listeners.map(({ fd, address }) => ({ address: addressText(address), ...queueOf(fd) }));
  }

  /** Closes what no generation since has asked for. */
  prune(oldest: number): void {
    for (const [key, { generation }] of this.#open) if (generation < oldest) this.#close(key);
  }

  /** Refuses new clients from here on, in every process that shares the sockets. */
  shutdown(): void {
    for (const { fd } of this.#all()) shutdown(fd, 'read');
  }

  close(): void {
    for (const key of [...this.#open.keys()]) this.#close(key);
  }

  #all(): OpenListener[] {
    return [...this.#open.values()].flatMap(({ listeners }) => listeners);
  }

  #keyOf({ address, port, order }: ListenRequest): string {
    if (order === 0 && this.overrides.length + this.activated.length > 0) return 'overridden';
    // Port 0 is another one for each that asks.
    return JSON.stringify([address, port, ...(port === 0 ? [order] : [])]);
  }

  // Several workers may ask for the same at once.
  #entry(key: string, request: ListenRequest): Promise<Entry> {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const opening = this.#openAll(key, request).then(
      (listeners) => {
        const entry = { listeners, generation: 0 };
        this.#open.set(key, entry);
        return entry;
      },
      (error) => {
        this.#entries.delete(key);
        throw error;
      },
    );
    this.#entries.set(key, opening);
    return opening;
  }

  async #openAll(key: string, request: ListenRequest): Promise<OpenListener[]> {
    if (key !== 'overridden') return [await open(request)];
    const listeners: OpenListener[] = this.activated.map(adopt);
    for (const override of this.overrides) listeners.push(await open({ ...request, ...asRequest(override) }));
    return listeners;
  }

  #close(key: string): void {
    const listeners = this.#open.get(key)?.listeners ?? [];
    this.#open.delete(key);
    this.#entries.delete(key);
    for (const { fd, cleanUp } of listeners) {
      discard(fd);
      try {
        cleanUp();
      } catch {
        // The path stays. Who listens there next finds that nobody does, and takes its place.
      }
    }
  }
}

async function open({ address, port, addressType, backlog, ipv6Only }: ListenRequest): Promise<OpenListener> {
  if (addressType === -1 && address !== null) return listenOnPath(address, backlog);
  const options = { port, backlog, ipv6Only };
  const listener = address === null ? listenEverywhere(options) : listen({ ...options, host: address });
  return { ...listener, cleanUp: () => {} };
}

function adopt(fd: number): OpenListener {
  return { fd, address: getsockname(fd), cleanUp: () => {} };
}

function asRequest(override: Override): Pick<ListenRequest, 'address' | 'port' | 'addressType'> {
  if ('path' in override) return { address: override.path, port: -1, addressType: -1 };
  const { host, port } = override;
  return { address: host ?? null, port, addressType: host?.includes(':') ? 6 : 4 };
}

function queueOf(fd: number): { queued: number | null; backlog: number | null } {
  try {
    return getListenQueue(fd);
  } catch {
    return { queued: null, backlog: null };
  }
}

/** An error that explains another one, as that of a path does, has it as its cause. */
function errnoOf(error: unknown): number {
  const { errno, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  return errno ?? cause?.errno ?? EADDRINUSE;
}
