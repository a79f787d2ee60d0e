import type { Process } from '../proc/process.js';

/** A tree of processes and what they hold, seen one after another: a busy tree has changed meanwhile. */
export interface Inspection {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Each parent before its children. */
  readonly processes: readonly ProcessView[];
  /** Those that most processes hold come first. */
  readonly descriptions: readonly DescriptionView[];
  /** What could not be seen, and why, each in a sentence. */
  readonly notes: readonly string[];
}

export interface ProcessView extends Omit<Process, 'descriptors' | 'network'> {
  /** 'monitor', 'zygote' or 'worker N' of a prefork server, else null. */
  readonly role: string | null;
  /** How many descriptors it has open; null where they may not be read. */
  readonly descriptors: number | null;
}

/** An open file description. */
export interface DescriptionView {
  /** 'tcp', 'udp', 'unix', 'file', 'device', 'pipe', 'epoll', 'eventfd', … */
  readonly kind: string;
  /** In words: 'tcp 127.0.0.1:12345 LISTEN', 'file /var/log/app.log'. */
  readonly label: string;
  /** The descriptors that mean it. */
  readonly holders: readonly Holder[];
  /** How it is known that these, and no others, mean it; null where nothing else comes into question. */
  readonly proof: 'kcmp' | 'inode' | null;
  /** The inode behind it, as `mount:inode`; null where the kernel does not tell, or gives all of a kind the same. */
  readonly object: string | null;
  /** As in open(2). O_CLOEXEC belongs to a descriptor: see `holders`. */
  readonly flags: readonly string[];
  /** In bytes; null where it means nothing. */
  readonly offset: number | null;
  readonly socket: SocketView | null;
}

export interface Holder {
  readonly pid: number;
  readonly fd: number;
  /** O_CLOEXEC; null where it may not be read. */
  readonly closeOnExec: boolean | null;
}

/** What is known of a socket; null where it is not, or does not apply. */
export interface SocketView {
  readonly state: string;
  /** 'ADDRESS:PORT', or a path. */
  readonly local: string;
  /** 'ADDRESS:PORT'; null of a unix socket. */
  readonly peer: string | null;
  /** Its number, also in ss and in /proc/PID/net. */
  readonly inode: number;
  /** The other end's inode, for a connected unix socket; 0 when that end is closed, or was not accepted. */
  readonly peerInode: number | null;
  readonly peerClosed: boolean;
  /** The descriptors of the tree that mean the other end of a unix socket. */
  readonly peerHolders: readonly Omit<Holder, 'closeOnExec'>[];
  /** In bytes. */
  readonly receiveQueue: number | null;
  /** In bytes; null of a unix socket, of which the kernel counts the memory instead. */
  readonly sendQueue: number | null;
  /** How many connections wait at a listening socket to be accepted, of at most how many. */
  readonly queued: number | null;
  readonly backlog: number | null;
  /** Who waits there, as far as that can be told: 'ADDRESS:PORT', or 'inode N' of a unix socket. */
  readonly waiting: readonly string[];
}
