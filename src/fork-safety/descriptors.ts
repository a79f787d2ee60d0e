import { addressText } from '../net/address.js';
import { type Address, getpeername, getsockname } from '../posix/index.js';
import { descriptorLinks, socketInode } from '../proc/descriptor-links.js';
import { readText } from '../proc/read.js';
import { attempt } from '../util/attempt.js';

/** A socket with a peer, or a datagram socket with an address of its own. */
export interface OpenSocket {
  readonly fd: number;
  /** The same in each process that shares it. */
  readonly inode: string;
  readonly type: 'stream' | 'datagram';
  /** Undefined without a peer. */
  readonly peer: string | undefined;
  /** Its own address, of a datagram socket that has one. */
  readonly bound?: string | undefined;
  /** Whether it is a unix domain socket. */
  readonly isLocal: boolean;
}

/** /proc/net/unix writes a type as SOCK_DGRAM does. */
const UNIX_DATAGRAM = '0002';

/** All sockets of this process, by whatever code, but for standard streams, listeners and those not in use. */
export function openSockets(): OpenSocket[] {
  const inodes = socketInodes();
  const standard = new Set([0, 1, 2].map((fd) => inodes.get(fd)));
  const others = [...inodes].filter(([, inode]) => !standard.has(inode));
  if (others.length === 0) return [];
  const datagrams = datagramInodes();
  return others.flatMap(([fd, inode]): OpenSocket[] => {
    const address = peerOf(fd);
    const peer = address && addressText(address);
    const isLocal = address?.family === 'unix';
    if (!datagrams.has(inode)) return peer === undefined ? [] : [{ fd, inode, type: 'stream', peer, isLocal }];
    const bound = boundTo(fd);
    return bound !== undefined || peer !== undefined ? [{ fd, inode, type: 'datagram', peer, bound, isLocal }] : [];
  });
}

/** The inodes of open sockets, by descriptor. */
function socketInodes(): Map<number, string> {
  const inodes = new Map<number, string>();
  for (const [fd, link] of descriptorLinks('self')) {
    const inode = socketInode(link);
    if (inode !== undefined) inodes.set(fd, inode);
  }
  return inodes;
}

function peerOf(fd: number): Address | undefined {
  try {
    return getpeername(fd);
  } catch {
    return undefined; // None, or a kind of socket that has no peers.
  }
}

function boundTo(fd: number): string | undefined {
  const address = attempt(() => getsockname(fd)); // A Worker may have closed it meanwhile.
  if (address === undefined) return undefined;
  const isBound = address.family === 'unix' ? address.path !== '' : address.port !== 0;
  return isBound ? addressText(address) : undefined;
}

/** Inodes of the network namespace's datagram sockets, from the columns of these files in proc(5). */
function datagramInodes(): Set<string | undefined> {
  const udp = ['udp', 'udp6'].flatMap((file) => rows(file).map((row) => row[9]));
  const unix = rows('unix').filter((row) => row[4] === UNIX_DATAGRAM);
  return new Set([...udp, ...unix.map((row) => row[6])]);
}

function rows(file: string): string[][] {
  const lines = readText(`/proc/self/net/${file}`)?.trim().split('\n').slice(1);
  return lines?.map((line) => line.trim().split(/\s+/)) ?? []; // A kernel may be without it.
}
