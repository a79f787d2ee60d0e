import { isIPv6 } from 'node:net';
import { binding } from './binding.js';

/** A socket's address: a port on a host, or a path (empty for an unnamed client) of the unix domain. */
export type Address =
  | { readonly family: 'IPv4' | 'IPv6'; readonly address: string; readonly port: number }
  | { readonly family: 'unix'; readonly path: string };

export interface SocketOptions {
  readonly family?: Address['family'];
  /** FD_CLOEXEC: closed on execve(2), not on fork(2). On by default. */
  readonly cloexec?: boolean;
}

export interface ListenOptions {
  /** 0, the default, takes any free port: see the listener's address. */
  readonly port?: number;
  /** A numeric IPv4 or IPv6 address. '0.0.0.0' by default. */
  readonly host?: string;
  /** A path in the unix domain, instead of `port` and `host`. */
  readonly path?: string;
  /** How many connections may wait for accept(2); the kernel caps it at net.core.somaxconn. 511 by default. */
  readonly backlog?: number;
  /** SO_REUSEADDR: bind even while old connections of the port are in TIME_WAIT. On by default. */
  readonly reuseAddr?: boolean;
  /** IPV6_V6ONLY. Off by default. */
  readonly ipv6Only?: boolean;
  /** SO_REUSEPORT: others of this user who ask for it, too, may listen on the same port. Off by default. */
  readonly reusePort?: boolean;
  readonly cloexec?: boolean;
}

export interface Listener {
  readonly fd: number;
  readonly address: Address;
}

export interface Accepted {
  /** The connection's own descriptor. */
  readonly fd: number;
  /** The client's address. */
  readonly address: Address;
}

export interface ListenQueue {
  /** Connections that are established and wait for accept(2). */
  readonly queued: number;
  /** The most that may wait. The kernel lets one more in. */
  readonly backlog: number;
}

export interface Message {
  /** Empty at the end of file. */
  readonly data: Buffer;
  /** Descriptors of this process, close-on-exec. They are the receiver's to close. */
  readonly fds: number[];
}

const FAMILY = { unix: 1, IPv4: 2, IPv6: 10 } as const;
const TYPE = { stream: 1, datagram: 2 } as const;
const HOW = { read: 0, write: 1, both: 2 } as const;
const DEFAULT_BACKLOG = 511;

/** A stream socket. socket(2). */
export function socket(options: SocketOptions = {}): number {
  return binding().socket(FAMILY[options.family ?? 'IPv4'], TYPE.stream, 0, options.cloexec ?? true);
}

/**
 * A datagram socket of the unix domain: what one write() sends, after connect(), one read() receives, after bind().
 * socket(2).
 */
export function datagramSocket(options: { cloexec?: boolean } = {}): number {
  return binding().socket(FAMILY.unix, TYPE.datagram, 0, options.cloexec ?? true);
}

/** Gives a socket its own address. bind(2). @throws EADDRINUSE, EACCES, EADDRNOTAVAIL */
export function bind(fd: number, address: Address): void {
  if (address.family === 'unix') binding().bindUnix(fd, address.path);
  else binding().bindInet(fd, FAMILY[address.family], address.address, address.port);
}

/** Makes a bound socket a listening one. listen(2). */
export function listen(fd: number, backlog?: number): void;
/**
 * Opens a listening socket, blocking and shared by a later fork: socket(2), SO_REUSEADDR, bind(2), listen(2),
 * as Ruby's TCPServer.open does. Nothing stays open when a step fails.
 * @throws EADDRINUSE, EACCES (a port below 1024), EADDRNOTAVAIL, EINVAL (not a numeric host)
 */
export function listen(options: ListenOptions): Listener;
export function listen(target: number | ListenOptions, backlog = DEFAULT_BACKLOG): Listener | undefined {
  if (typeof target === 'number') {
    binding().listen(target, backlog);
    return undefined;
  }
  const wanted = wantedAddress(target);
  const fd = socket({ family: wanted.family, cloexec: target.cloexec ?? true });
  try {
    const { setsockopt } = binding();
    if (wanted.family !== 'unix') setsockopt(fd, 'SO_REUSEADDR', Number(target.reuseAddr ?? true));
    if (target.reusePort) setsockopt(fd, 'SO_REUSEPORT', 1);
    if (wanted.family === 'IPv6') setsockopt(fd, 'IPV6_V6ONLY', Number(target.ipv6Only ?? false));
    bind(fd, wanted);
    binding().listen(fd, target.backlog ?? DEFAULT_BACKLOG);
    return { fd, address: getsockname(fd) };
  } catch (error) {
    binding().close(fd);
    throw error;
  }
}

/**
 * Takes the next connection from a listening socket's queue; blocks until there is one. accept4(2).
 * When several processes block in it on one open file description, the kernel gives each connection to one of them.
 * @throws ECONNABORTED, EMFILE, ENFILE, …; EAGAIN on a listener with O_NONBLOCK
 */
export function accept(fd: number, options: { cloexec?: boolean } = {}): Accepted {
  return binding().accept(fd, options.cloexec ?? true);
}

/** The next connection, as by accept(), but without the client's address, which takes time to put into words. */
export function acceptFd(fd: number, options: { cloexec?: boolean } = {}): number {
  return binding().acceptFd(fd, options.cloexec ?? true);
}

/** Connects a socket; blocks until it is. connect(2). @throws ECONNREFUSED, … */
export function connect(fd: number, address: Address): void {
  if (address.family === 'unix') binding().connectUnix(fd, address.path);
  else binding().connectInet(fd, FAMILY[address.family], address.address, address.port);
}

/** Two stream sockets of the unix domain, connected to each other; close-on-exec by default. socketpair(2). */
export function socketpair(options: { cloexec?: boolean } = {}): [number, number] {
  return binding().socketpair(options.cloexec ?? true);
}

/**
 * Sends bytes over a unix socket, and with the first of them up to 16 descriptors, as SCM_RIGHTS in unix(7); blocks
 * until there is room. sendmsg(2).
 * @returns how many bytes were taken, on a socket with O_NONBLOCK perhaps fewer than were given
 * @throws EPIPE (no SIGPIPE is raised); EAGAIN with O_NONBLOCK; EINVAL for more descriptors, or for some without a byte
 */
export function sendMessage(fd: number, data: string | Uint8Array, fds: readonly number[] = []): number {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return binding().sendMessage(fd, bytes, 0, bytes.byteLength, fds);
}

/**
 * Receives at most `size` bytes and the descriptors that came with them; blocks until there are some. It ends with the
 * first send that had descriptors, of which they may be a part: bytes sent before may precede. recvmsg(2).
 * @throws EMFILE when this process cannot take all descriptors, EMSGSIZE when there are more than 16: those that came
 * are closed, and the error's `data` is what was received with them. EAGAIN with O_NONBLOCK
 */
export function receiveMessage(fd: number, size = 65536): Message {
  const buffer = Buffer.allocUnsafe(size);
  try {
    const { bytes, fds } = binding().receiveMessage(fd, buffer, 0, size);
    return { data: buffer.subarray(0, bytes), fds };
  } catch (error) {
    const { bytes } = error as { bytes?: number };
    throw bytes === undefined ? error : Object.assign(error as Error, { data: buffer.subarray(0, bytes) });
  }
}

/**
 * Sends once over a connected socket and returns the number of bytes taken, as write() does, by one system call less:
 * the kernel is told not to raise SIGPIPE. send(2) with MSG_NOSIGNAL.
 * @param nowait MSG_DONTWAIT: EAGAIN where there is no room
 * @throws ENOTSOCK
 */
export function send(fd: number, data: Uint8Array, { nowait = false } = {}): number {
  return binding().send(fd, data, 0, data.byteLength, nowait);
}

/** Ends one or both directions of a connection for every process that shares it. shutdown(2). */
export function shutdown(fd: number, how: keyof typeof HOW = 'both'): void {
  binding().shutdown(fd, HOW[how]);
}

/**
 * Ends a TCP socket's connection at once, for every process that shares it: it is as before its connect(2), and may listen.
 * AF_UNSPEC in connect(2). A unix socket stays as it is.
 */
export function disconnect(fd: number): void {
  binding().disconnect(fd);
}

/**
 * Has a listening socket of TCP keep connections back until the client has sent something, or for about so many seconds;
 * 0 for not at all. TCP_DEFER_ACCEPT in tcp(7).
 */
export function setDeferAccept(fd: number, seconds: number): void {
  binding().setsockopt(fd, 'TCP_DEFER_ACCEPT', seconds);
}

/**
 * Time limits, in milliseconds, of a blocking read and a blocking write; 0 for none, as on a new socket, and what is
 * left out stays as it is. SO_RCVTIMEO and SO_SNDTIMEO in socket(7). A call that is late fails with EAGAIN.
 */
export function setTimeouts(fd: number, { receive, send }: { receive?: number; send?: number }): void {
  if (receive !== undefined) binding().setsockopt(fd, 'SO_RCVTIMEO', receive);
  if (send !== undefined) binding().setsockopt(fd, 'SO_SNDTIMEO', send);
}

/**
 * Whether listen(2) was called on a socket. A shutdown(2) for reading ends it, though not in the unix domain.
 * SO_ACCEPTCONN in socket(7). @throws ENOTSOCK
 */
export function isListening(fd: number): boolean {
  return binding().isListening(fd);
}

/**
 * How many connections wait in a TCP listener's queue, and how many may. TCP_INFO in tcp(7).
 * @throws EINVAL on a socket that does not listen, ENOTSUP on a unix socket
 */
export function getListenQueue(fd: number): ListenQueue {
  return binding().getListenQueue(fd);
}

/** The socket's own address. getsockname(2). */
export function getsockname(fd: number): Address {
  return binding().getsockname(fd);
}

/** The address of the socket's peer. getpeername(2). @throws ENOTCONN */
export function getpeername(fd: number): Address {
  return binding().getpeername(fd);
}

function wantedAddress({ path, host = '0.0.0.0', port = 0 }: ListenOptions): Address {
  if (path !== undefined) return { family: 'unix', path };
  return { family: isIPv6(host) ? 'IPv6' : 'IPv4', address: host, port };
}
