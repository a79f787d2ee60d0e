import type { Hold } from '../../channel/messages.js';

interface Holder<Process> {
  /** The zygote that it was forked from; none of a zygote itself. */
  readonly zygote: Process | undefined;
  readonly holds: Map<number, Hold>;
  /** Sockets that were closed although it, a zygote, holds them: its next workers are to ask anew. */
  readonly closed: Set<number>;
}

/** Which process of the service holds which listening socket. */
export class SocketHolders<Process extends object> {
  readonly #holders = new Map<Process, Holder<Process>>();

  /** A worker begins with what its zygote holds. */
  forked(worker: Process, zygote: Process): void {
    const { holds, closed } = this.#holderOf(zygote);
    this.#holders.set(worker, { zygote, holds: new Map(holds), closed: new Set(closed) });
  }

  hold(process: Process, sockets: ReadonlyMap<number, Hold>): void {
    const { holds } = this.#holderOf(process);
    for (const [id, how] of sockets) holds.set(id, how);
  }

  release(process: Process, ids: readonly number[]): void {
    for (const id of ids) this.#holders.get(process)?.holds.delete(id);
  }

  /** It has ended. */
  gone(process: Process): void {
    this.#holders.delete(process);
  }

  /** No process is to use it any more. */
  closed(id: number): void {
    for (const { holds, closed } of this.#holders.values()) if (holds.delete(id)) closed.add(id);
  }

  /** The sockets among those which a worker inherits that are closed. */
  closedOf(process: Process): number[] {
    return [...(this.#holders.get(process)?.closed ?? [])];
  }

  /** How a process holds a socket, and how the others do. */
  of(id: number, process: Process): { readonly mine: Hold | undefined; readonly others: readonly Hold[] } {
    const zygote = this.#holders.get(process)?.zygote;
    const others = [...this.#holders].filter(([other]) => other !== process && other !== zygote);
    return {
      mine: this.#holders.get(process)?.holds.get(id),
      others: others.flatMap(([, { holds }]) => holds.get(id) ?? []),
    };
  }

  holdersOf(id: number): Process[] {
    return [...this.#holders].flatMap(([process, { holds }]) => (holds.has(id) ? process : []));
  }

  /** How many sockets a process holds. */
  countOf(process: Process): number {
    return this.#holders.get(process)?.holds.size ?? 0;
  }

  /** @param workersOnly zygotes accept nothing */
  isHeld(id: number, workersOnly: boolean): boolean {
    return [...this.#holders.values()].some(
      ({ zygote, holds }) => holds.has(id) && (!workersOnly || zygote !== undefined),
    );
  }

  #holderOf(process: Process): Holder<Process> {
    const known = this.#holders.get(process);
    if (known !== undefined) return known;
    const holder = { zygote: undefined, holds: new Map(), closed: new Set<number>() };
    this.#holders.set(process, holder);
    return holder;
  }
}
