import type { EventedChannel } from '../../channel/evented.js';
import type { Hold, ListenFailure, ListenRequest, SharedSocket } from '../../channel/messages.js';
import { addressText, isAbstract, type ListenAddress, socketAddress } from '../../net/address.js';
import { leadsTo } from '../../net/destination.js';
import { type Address, getListenQueue, getsockname, type Sender } from '../../posix/index.js';
import { FreePorts } from '../policy/free-ports.js';
import { decide, isAllowed, notGiven, type SocketFacts } from '../policy/listen-sockets.js';
import { SocketHolders } from '../policy/socket-holders.js';
import { addressInUse, failureOf, isInUse, ListenError } from './listen-error.js';
import { type Rights, rightsOf } from './listen-rights.js';
import { type OpenRequest, type ServiceSocket, ServiceSockets, type SocketPathOptions } from './service-sockets.js';

/** How long, in milliseconds, a socket stays open that no worker holds: one may close a server and listen again. */
const UNHELD_MS = 5000;

export interface ListenersOptions extends SocketPathOptions {
  /** Where to listen instead of where the app's first server would. Hosts are numeric, paths absolute. */
  readonly overrides: readonly ListenAddress[];
  /** Where processes of the app may listen by the monitor's rights when they are not root's. Likewise. */
  readonly allowed: readonly ListenAddress[];
  /** Listening sockets that a service manager has opened. */
  readonly given: readonly number[];
  /** Listening sockets that the app may listen on by their descriptors. */
  readonly inherited: readonly number[];
}

/** More than any app listens on. During a reload the service has those of two generations. */
const MAX_SOCKETS = 256;
const MAX_SOCKETS_OF_ALL = 2 * MAX_SOCKETS;

type Request = ListenRequest & OpenRequest;

/** A process of the app as the monitor knows it. */
interface Process {
  readonly channel: EventedChannel;
  readonly generation: number;
}

/** A socket that a server gets. */
interface Grant {
  readonly socket: ServiceSocket;
  readonly hold: Hold;
  /** What the server is to say that it listens on: where the socket stands in for another one, what it asked for. */
  readonly address: Address;
}

/**
 * The listening sockets of the service: given by a service manager, opened for --listen, or opened because the app asked.
 * They live here, in the monitor, and processes of the app hold descriptors of them.
 */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #overrides: readonly ListenAddress[];
  readonly #sockets: ServiceSockets;
  readonly #holders = new SocketHolders<Process>();
  readonly #freePorts = new FreePorts();
  readonly #news: string[] = [];
  /** Those among the inherited ones on which the app listens. */
  readonly #inherited = new Set<number>();

  constructor(options: ListenersOptions) {
    this.#options = options;
    this.#sockets = new ServiceSockets(options, ({ id }) => this.#holders.closed(id));
    for (const fd of options.given) this.#sockets.take(fd);
    const given = this.#sockets.of('given').map(({ address }) => address);
    this.#overrides = notGiven(options.overrides, given);
  }

  /**
   * Gives a process what it asks for, opened before or now, by its own rights. The descriptors stay open here.
   * @returns what is wrong with it, to follow 'it': no app listens on so many sockets
   */
  answer(asked: ListenRequest, process: Process, sender: Sender): string | undefined {
    this.revive();
    const request = { ...asked, rights: this.#rightsFor(asked.address, sender) };
    const granted = this.#attempt(request, process);
    if (!Array.isArray(granted)) {
      process.channel.send(granted);
      return undefined;
    }
    this.#holders.release(process, request.has);
    this.#holders.hold(process, new Map(granted.map(({ socket, hold }) => [socket.id, hold])));
    if (this.#sockets.size > MAX_SOCKETS) this.#closeThoseOfNobody();
    if (this.#holders.countOf(process) > MAX_SOCKETS || this.#sockets.size > MAX_SOCKETS_OF_ALL) {
      this.#holders.gone(process);
      this.#closeThoseOfNobody();
      return `has the service listen on more than ${MAX_SOCKETS} sockets`;
    }
    const sockets = granted.map(({ socket: { id, address, origin }, hold }): SharedSocket => {
      return { id, address, hold, given: origin === 'given' };
    });
    const fds = granted.map(({ socket }) => socket.fd);
    process.channel.send({ type: 'listening', sockets, address: (granted[0] as Grant).address }, fds);
    return undefined;
  }

  /** A server listens on a descriptor that its process inherited, without a request. */
  usesInherited(fd: number): void {
    if (this.#options.inherited.includes(fd)) this.#inherited.add(fd);
  }

  /** Whether the service listens at a destination, but none of these processes do. */
  serves(destination: string, exceptBy: (holder: Process) => boolean): boolean {
    return [...this.#sockets].some(({ id, origin, address }) => {
      return origin !== 'given' && leadsTo(destination, address) && !this.#holders.holdersOf(id).some(exceptBy);
    });
  }

  /** A zygote is told to fork a worker, which inherits what it holds. @returns what of that is closed, by id */
  forked(worker: Process, zygote: Process): number[] {
    this.#holders.forked(worker, zygote);
    return this.#holders.closedOf(worker);
  }

  /** No server of the process listens on these any more. */
  closed(process: Process, ids: readonly number[]): void {
    this.#holders.release(process, ids);
  }

  /** A process has ended; the path of a socket that others serve may have been taken away by it before. */
  gone(process: Process): void {
    this.#holders.gone(process);
    this.restorePaths();
  }

  /** Those that are in use, with their queues; null where the kernel does not tell. */
  describe(): { address: string; queued: number | null; backlog: number | null }[] {
    const inherited = [...this.#inherited].map((fd) => ({ fd, address: getsockname(fd) }));
    return [...this.#inUse(), ...inherited].map(({ fd, address }) => {
      const { queued, backlog } = queueOf(fd);
      return { address: addressText(address), queued, backlog };
    });
  }

  /**
   * Any process that shares a socket can shut it down for all: it is made to listen again or, where that cannot be, another
   * one is opened in its place, for which workers ask when theirs does not accept. To be called now and then.
   */
  revive(): void {
    for (const socket of [...this.#sockets]) {
      const outcome = this.#sockets.revive(socket);
      if (outcome !== undefined) this.#news.push(`${addressText(socket.address)} ${outcome}`);
    }
  }

  /** What happened to sockets since it was last asked, in words. */
  takeNews(): string[] {
    return this.#news.splice(0);
  }

  /** To be called while processes begin: an app may take its path away long before it listens. */
  restorePaths(): void {
    this.#sockets.restorePaths();
  }

  /** When all workers serve: closes what none of them has held for a while. */
  prune(now: number): void {
    for (const socket of this.#sockets.of('opened')) {
      if (this.#holders.isHeld(socket.id, true)) socket.unheldSince = undefined;
      else socket.unheldSince ??= now;
      if (socket.unheldSince !== undefined && now - socket.unheldSince >= UNHELD_MS) this.#closeUnheld(socket);
    }
  }

  /**
   * Refuses new clients from here on, in every process that shares the sockets. Those that were given are left alone:
   * who connects waits there for the next service.
   */
  shutdown(): void {
    this.#sockets.refuseAll();
  }

  close(): void {
    for (const socket of [...this.#sockets]) this.#sockets.close(socket);
  }

  #attempt(request: Request, process: Process): Grant[] | ListenFailure {
    try {
      return this.#grant(request, process);
    } catch (error) {
      return failureOf(error instanceof ListenError ? error : new ListenError(request.address, error));
    }
  }

  /** Any free port is the one that the same server got in another process, if it can be had. */
  #grant(request: Request, process: Process): Grant[] {
    const { address, ipv6Only, order } = request;
    if ('path' in address || address.port !== 0) return this.#grantAt(request, process);
    const seeker = { host: address.host, ipv6Only, order };
    const facts = this.#factsFor(process);
    for (const port of this.#freePorts.of(seeker)) {
      const wanted = { ...request, address: { ...address, port } };
      // There may be many of its own.
      if (decide(wanted, facts, this.#overrides.length > 0).type === 'in use') continue;
      try {
        return this.#grantAt(wanted, process);
      } catch (error) {
        if (!isInUse(error)) throw error;
      }
    }
    const granted = this.#grantAt(request, process);
    const { socket } = granted[0] as Grant;
    if (socket.origin === 'opened' && socket.address.family !== 'unix')
      this.#freePorts.add(seeker, socket.address.port);
    return granted;
  }

  #grantAt(request: Request, process: Process): Grant[] {
    const decision = decide(request, this.#factsFor(process), this.#overrides.length > 0);
    switch (decision.type) {
      case 'in use':
        throw addressInUse(request.address);
      case 'open':
        for (const id of decision.close) this.#sockets.retire(this.#sockets.get(id));
        return [grant(this.#sockets.open(request.address, request, 'opened'), 'own', request)];
      case 'give': {
        const known = [...decision.sockets].map(([id, hold]) => {
          return grant(this.#sockets.restore(this.#sockets.get(id), request), hold, request);
        });
        const overrides = decision.overrides ? this.#openOverrides(request) : [];
        return [...known, ...overrides.map((socket) => grant(socket, 'first', request))];
      }
    }
  }

  #openOverrides(asked: ListenRequest): ServiceSocket[] {
    const request = { ...asked, rights: undefined }; // They are the settings', not the app's.
    const open = this.#sockets.of('override');
    return this.#overrides.map((address) => {
      const known = open.find(({ asked }) => asked === address);
      if (known === undefined) return this.#sockets.open(address, request, 'override');
      return this.#sockets.restore(known, request);
    });
  }

  /** So that there is room for others: a process whose sockets were closed may not listen on them again after all. */
  #closeThoseOfNobody(): void {
    for (const socket of this.#sockets.of('opened')) {
      if (!this.#holders.isHeld(socket.id, false)) this.#sockets.retire(socket);
    }
  }

  /** Those of the monitor where the settings have the address, or the process could open it itself. */
  #rightsFor(address: ListenAddress, sender: Sender): Rights {
    return isAllowed(address, this.#options.allowed) ? undefined : rightsOf(sender);
  }

  #closeUnheld(socket: ServiceSocket): void {
    // A name of the abstract namespace is taken for as long as a zygote has a descriptor.
    const isKept = socket.address.family === 'unix' && isAbstract(socket.address.path);
    if (!isKept || !this.#holders.isHeld(socket.id, false)) this.#sockets.retire(socket);
  }

  #factsFor(process: Process): SocketFacts[] {
    return [...this.#sockets].map((socket) => ({ ...socket, ...this.#holders.of(socket.id, process) }));
  }

  /** What workers hold or, where there are none, what anyone does. */
  #inUse(): ServiceSocket[] {
    const held = (workersOnly: boolean) => [...this.#sockets].filter(({ id }) => this.#holders.isHeld(id, workersOnly));
    const byWorkers = held(true);
    return byWorkers.length > 0 ? byWorkers : held(false);
  }
}

function grant(socket: ServiceSocket, hold: Hold, { address }: ListenRequest): Grant {
  return { socket, hold, address: hold === 'stand-in' ? socketAddress(address) : socket.address };
}

function queueOf(fd: number): { queued: number | null; backlog: number | null } {
  try {
    return getListenQueue(fd);
  } catch {
    return { queued: null, backlog: null };
  }
}
