/** A server of the app that asks for any free port. */
export interface PortSeeker {
  /** Undefined for all addresses. */
  readonly host: string | undefined;
  readonly ipv6Only: boolean;
  /** How many servers of its process had asked before: the same for the same server in each process. */
  readonly order: number;
}

/** How much is remembered, of servers that a process may make up. */
const MAX_SEEKERS = 1024;
const MAX_PORTS = 64;

/**
 * The ports that servers got which asked for any. A server in one process is to get what the same server got in another,
 * also when it is a probe that leaves the port to another server.
 */
export class FreePorts {
  readonly #ports = new Map<string, number[]>();

  /** The first one that its process does not use is the server's: it may have asked more than once. */
  of(seeker: PortSeeker): readonly number[] {
    return this.#ports.get(keyOf(seeker)) ?? [];
  }

  add(seeker: PortSeeker, port: number): void {
    const key = keyOf(seeker);
    const ports = [...this.of(seeker), port].slice(-MAX_PORTS);
    this.#ports.delete(key);
    this.#ports.set(key, ports);
    const [oldest] = this.#ports.keys();
    if (this.#ports.size > MAX_SEEKERS && oldest !== undefined) this.#ports.delete(oldest);
  }
}

function keyOf({ host, ipv6Only, order }: PortSeeker): string {
  return JSON.stringify([host ?? null, ipv6Only, order]);
}
