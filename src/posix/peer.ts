import { binding } from './binding.js';

/** The process that sent a message, as the kernel says: its id in this process's namespace, its real user and group. */
export interface Sender {
  /** 0 when it is not known. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Has the kernel say, with each message that comes on a unix socket, who sent it. SO_PASSCRED in unix(7). */
export function passCredentials(fd: number): void {
  binding().setsockopt(fd, 'SO_PASSCRED', 1);
}

/**
 * The process that connected a unix socket, or, of a socket that this process has connected, the one that listens: as it
 * was at that moment, whatever it has become. On a socket that is not connected, no process. SO_PEERCRED in unix(7).
 */
export function getPeerCredentials(fd: number): Sender {
  return binding().getPeerCredentials(fd);
}

/**
 * Receives at most `size` bytes of one sender, and who that is: a process without privileges cannot claim to be another
 * one. Needs passCredentials(). Descriptors that come with them are not taken. recvmsg(2), SCM_CREDENTIALS in unix(7).
 * @returns no bytes at the end of file
 * @throws EAGAIN with O_NONBLOCK, ECONNRESET, …
 */
export function receiveFromPeer(fd: number, size = 65536): { readonly data: Buffer; readonly sender: Sender } {
  const buffer = Buffer.allocUnsafe(size);
  const { bytes, pid, uid, gid } = binding().receiveFromPeer(fd, buffer, 0, size, false);
  return { data: buffer.subarray(0, bytes), sender: { pid, uid, gid } };
}

/** What receiveFromPeer() would find. */
export interface Waiting {
  /** 0 at the end of file. */
  readonly bytes: number;
  /** Descriptors come with them: these are closed in this process, which may wait then. See closeUnread(). */
  readonly hasDescriptors: boolean;
}

/** Looks at what has come, at most `size` bytes, and leaves it there. Otherwise as receiveFromPeer(). MSG_PEEK in recv(2). */
export function peekFromPeer(fd: number, size = 65536): Waiting {
  const { bytes, truncated } = binding().receiveFromPeer(fd, Buffer.allocUnsafe(size), 0, size, true);
  return { bytes, hasDescriptors: truncated };
}
