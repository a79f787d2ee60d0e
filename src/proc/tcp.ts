import { sockDiag } from '../posix/sock-diag.js';
import { connectionsRequest, type Diagnosis, listenersRequest, parseTcpAnswer } from './diag.js';
import { type InetSocket, parseInet } from './net.js';
import { readLink, readText } from './read.js';

const VERSIONS = [4, 6] as const;
const OWN = readLink('/proc/self/ns/net');

export interface ListeningSocket {
  readonly socket: InetSocket;
  /** Null where only /proc tells. */
  readonly backlog: number | null;
}

/** As much of a listening socket as its connections have in common with it. */
interface Listener extends Pick<InetSocket, 'version'> {
  readonly local: Pick<InetSocket['local'], 'port'>;
}

/** The TCP sockets of one network namespace. */
export class Tcp {
  /** Without sock_diag(7), for it is refused, or another namespace's: by the text of /proc/PID/net/tcp. */
  readonly #byText: () => number | undefined;
  #diagnoses: boolean;

  /** @param network of which namespace @param member a process in it that is alive; this process and its own by default */
  constructor(network = OWN, member: () => number | undefined = () => process.pid) {
    this.#byText = member;
    this.#diagnoses = network === OWN;
  }

  listeners(): ListeningSocket[] {
    if (this.#diagnoses) {
      const answers = this.#ask(() => VERSIONS.flatMap((version) => sockDiag(listenersRequest(version))));
      if (answers !== undefined) return answers.map(({ socket, diagnosis: { backlog } }) => ({ socket, backlog }));
    }
    const all = this.#read();
    return all.filter(({ state }) => state === 'LISTEN').map((socket) => ({ socket, backlog: null }));
  }

  /** Those that came through one of these listeners. */
  connections(listeners: readonly Listener[]): InetSocket[] {
    if (this.#diagnoses) {
      // An IPv6 listener may have IPv4 connections, too, but as sockets of its own kind.
      const asked = new Set(listeners.map(({ version, local }) => `${version} ${local.port}`));
      const answers = this.#ask(() =>
        [...asked].flatMap((each) => {
          const [version, port] = each.split(' ').map(Number);
          return sockDiag(connectionsRequest(version === 4 ? 4 : 6, port ?? 0));
        }),
      );
      if (answers !== undefined) return answers.map(({ socket }) => socket);
    }
    const ports = new Set(listeners.map(({ local }) => local.port));
    return this.#read().filter(({ state, local }) => state !== 'LISTEN' && ports.has(local.port));
  }

  #ask(ask: () => Buffer[]): { readonly socket: InetSocket; readonly diagnosis: Diagnosis }[] | undefined {
    try {
      return ask().map(parseTcpAnswer);
    } catch {
      this.#diagnoses = false;
      return undefined;
    }
  }

  #read(): InetSocket[] {
    const pid = this.#byText();
    if (pid === undefined) return [];
    return ['tcp', 'tcp6'].flatMap((name) => parseInet(readText(`/proc/${pid}/net/${name}`) ?? '', 'tcp'));
  }
}
