import { type Compare, identify } from '../inspect/descriptions.js';
import { addressText } from '../net/address.js';
import { kcmp } from '../posix/index.js';
import { parseFdInfo } from '../proc/fdinfo.js';
import type { InetSocket } from '../proc/net.js';
import { readText } from '../proc/read.js';
import { type Sockets, socketsOf, waitingFor } from '../proc/sockets.js';
import { parseSyscall, parseWchan } from '../proc/syscall.js';
import { type ListeningSocket, Tcp } from '../proc/tcp.js';
import { filesOf, writtenText } from './details.js';
import type { Figure, FigureListener, FigureProcess, Holder } from './figure.js';
import { Held } from './held.js';
import { ProcessTrees, type TreeProcess } from './process-trees.js';
import { Roles } from './roles.js';

const NO_INFO = parseFdInfo('');

export interface FigureOptions {
  readonly compare?: Compare;
  /** Also what processes are about to print, and the files of lessons. */
  readonly details?: boolean;
}

/**
 * Looks at process trees as inspect does, but only at what changes all the time: states, main threads, TCP sockets.
 * Memory, other threads and other descriptors are left out, and what the looks before have found is not read again, so
 * that it costs little enough for five times a second.
 */
export class FigureTaker {
  readonly #compare: Compare;
  readonly #details: boolean;
  readonly #trees = new ProcessTrees();
  readonly #held = new Held();
  readonly #roles = new Roles();
  readonly #tcp = new Map<string, Tcp>();
  /** The processes of the look under way. */
  #now: readonly TreeProcess[] = [];
  /** Listening sockets and connections of the trees, as the previous look saw them. */
  #listening: readonly InetSocket[] = [];
  #ours: ReadonlySet<number> = new Set();
  /** Listening sockets, and connections of the same ports, that are none of these trees'. */
  #strangers: ReadonlySet<number> = new Set();

  constructor({ compare = kcmp, details = false }: FigureOptions = {}) {
    this.#compare = compare;
    this.#details = details;
  }

  take(roots: readonly number[]): Figure {
    this.#now = this.#trees.of(roots);
    // Before their sockets: what a process is seen to wait for is there then.
    const roles = this.#roles.of(this.#now);
    const processes = this.#now.map((member) => look(member, roles.get(member.pid), this.#details));
    const { listeners, connections, holders } = this.#sockets();
    const ports = new Map(listeners.map(({ socket }) => [socket.inode, socket.local.port]));
    const sockets = socketsOf([...listeners.map(({ socket }) => socket), ...connections]);
    const drawn = listeners.flatMap((listener) =>
      this.#listener(listener, sockets, holders.get(listener.socket.inode) ?? []),
    );
    const served = new Set(ports.values());
    return {
      time: Date.now(),
      processes,
      listeners: drawn,
      connections: connections.flatMap(({ local, peer, inode }) => {
        const held = holders.get(inode);
        if (held === undefined || peer === null || !served.has(local.port)) return [];
        return { local: addressText(local), peer: addressText(peer), inode, holders: held };
      }),
      files: this.#details ? filesOf(pidsOf(this.#now), this.#compare) : [],
      notes: this.#notes(processes, drawn),
    };
  }

  /** The listening sockets that the trees hold, and the connections of these; with all that hold a socket. */
  #sockets() {
    const tcps = this.#namespaces();
    let all = tcps.flatMap((tcp) => tcp.listeners());
    let connections = tcps.flatMap((tcp) => tcp.connections(this.#listening));
    const there = new Set([...all.map(({ socket }) => socket.inode), ...connections.map(({ inode }) => inode)]);
    this.#held.look(this.#now, new Set([...this.#ours].filter((inode) => !there.has(inode))));
    const isNew = this.#namespaces().length > tcps.length;
    if (isNew) all = this.#namespaces().flatMap((tcp) => tcp.listeners());
    const isHeld = (inode: number) => this.#held.holds(inode);
    const ours = () => all.filter(({ socket }) => isHeld(socket.inode));
    // A socket without a known holder may stand under a number that was something else's before.
    const isUnknown = (inode: number) => inode !== 0 && !isHeld(inode) && !this.#strangers.has(inode);
    const lookAgain = (inodes: readonly number[]) => {
      if (inodes.some(isUnknown)) this.#held.lookAgain(this.#now);
    };
    lookAgain(all.map(({ socket }) => socket.inode));
    const before = new Set(this.#listening.map(portKey));
    if (isNew || ours().some(({ socket }) => !before.has(portKey(socket)))) {
      const listening = ours().map(({ socket }) => socket);
      connections = this.#namespaces().flatMap((tcp) => tcp.connections(listening));
    }
    lookAgain(connections.map(({ inode }) => inode));
    const listeners = ours();
    const inodes = [...all.map(({ socket }) => socket.inode), ...connections.map(({ inode }) => inode)];
    this.#strangers = new Set(inodes.filter((inode) => inode !== 0 && !isHeld(inode)));
    this.#listening = listeners.map(({ socket }) => socket);
    this.#ours = new Set(inodes.filter(isHeld));
    return { listeners, connections, holders: this.#held.byInode() };
  }

  /** One for each network namespace of which a socket is held. */
  #namespaces(): Tcp[] {
    const names = new Set(this.#now.flatMap(({ pid }) => this.#held.networkOf(pid) ?? []));
    return [...names].map((name) => {
      const known = this.#tcp.get(name);
      if (known !== undefined) return known;
      const member = () => this.#now.find(({ pid }) => this.#held.networkOf(pid) === name)?.pid;
      const tcp = new Tcp(name, member);
      this.#tcp.set(name, tcp);
      return tcp;
    });
  }

  /** One for each open file description; usually all holders have the same. */
  #listener({ socket, backlog }: ListeningSocket, sockets: Sockets, held: readonly Holder[]): FigureListener[] {
    const link = { kind: 'socket', name: `${socket.inode}` };
    const descriptors = held.map(({ pid, fd }) => ({ pid, fd, link, info: NO_INFO }));
    return identify(descriptors, this.#compare).groups.map(({ descriptors: same, proof }) => ({
      address: addressText(socket.local),
      inode: socket.inode,
      holders: same.map(({ pid, fd }) => ({ pid, fd })),
      proof,
      queued: socket.receiveQueue,
      backlog,
      waiting: waitingFor(socket, sockets).flatMap(({ peer }) => (peer === null ? [] : [addressText(peer)])),
    }));
  }

  #notes(processes: readonly FigureProcess[], listeners: readonly FigureListener[]): string[] {
    const hidden = processes.filter(({ pid }) => this.#held.isHidden(pid));
    const mute = processes.filter(({ waitsIn, state }) => waitsIn === null && state === 'sleeping');
    return [
      ...(hidden.length === 0 ? [] : [`The descriptors of ${pidsOf(hidden).join(', ')} may not be read.`]),
      ...(mute.length === 0 ? [] : [`What ${pidsOf(mute).join(', ')} wait in may not be read.`]),
      ...(listeners.some(({ proof }) => proof === 'inode')
        ? ['kcmp(2) is refused: only the inode says that the descriptors mean the same.']
        : []),
    ];
  }
}

function look({ pid, stat }: TreeProcess, role: string | undefined, details: boolean): FigureProcess {
  const { state, parent, startTime: start, name } = stat;
  const folder = `/proc/${pid}/task/${pid}`;
  const syscall = readText(`${folder}/syscall`) || '';
  const waitsIn = parseSyscall(syscall) ?? parseWchan(readText(`${folder}/wchan`) || '') ?? null;
  const prints = details && waitsIn === 'write(1)' ? writtenText(pid, syscall) : undefined;
  return {
    ...{ pid, start, parent, name: name.toString('latin1'), state, waitsIn },
    ...(role !== undefined && { role }),
    ...(prints !== undefined && { prints }),
  };
}

function portKey({ version, local }: InetSocket): string {
  return `${version} ${local.port}`;
}

function pidsOf(processes: readonly { readonly pid: number }[]): number[] {
  return processes.map(({ pid }) => pid);
}
