import { attributesOf } from '../../posix/sock-diag.js';

/** What sock_diag(7) knows of a socket, and /proc/PID/net does not. */
export interface Diagnosis {
  readonly inode: number;
  /** Bytes to read; of a listening socket, connections to accept. */
  readonly receiveQueue: number;
  /** Of a listening socket, how many connections may wait, else null: see listen(2). */
  readonly backlog: number | null;
  /** Of a connected unix socket, the other end's inode: 0 when it is closed, or nobody has accepted it. Else null. */
  readonly peer: number | null;
  /** The other end of a unix socket is closed, or shut down both ways. */
  readonly closed: boolean;
  /** Who waits at a listening unix socket, by inode. */
  readonly waiting: readonly number[];
}

const [AF_UNIX, IPPROTO_TCP, LISTEN] = [1, 6, 10];
const EVERY_STATE = 0xffffffff;
/** UDIAG_SHOW_PEER, UDIAG_SHOW_ICONS and UDIAG_SHOW_RQLEN, and the attributes that they, or all, bring. linux/unix_diag.h. */
const UNIX_SHOWN = 0x4 | 0x8 | 0x10;
const [UNIX_PEER, UNIX_WAITING, UNIX_QUEUES, UNIX_SHUTDOWN] = [2, 3, 4, 6];
const BOTH_WAYS = 3;
const UNIX_MESSAGE = 16;

/** Asks for all unix sockets: struct unix_diag_req. */
export function unixRequest(): Buffer {
  const request = Buffer.alloc(24);
  request[0] = AF_UNIX;
  request.writeUInt32LE(EVERY_STATE, 4);
  request.writeUInt32LE(UNIX_SHOWN, 12);
  return request;
}

/** Asks for all listening TCP sockets: struct inet_diag_req_v2. @param family AF_INET or AF_INET6 */
export function listenersRequest(family: 2 | 10): Buffer {
  const request = Buffer.alloc(56);
  request[0] = family;
  request[1] = IPPROTO_TCP;
  request.writeUInt32LE(1 << LISTEN, 4);
  return request;
}

/** struct unix_diag_msg and its attributes. */
export function parseUnixAnswer(answer: Buffer): Diagnosis {
  const attributes = attributesOf(answer, UNIX_MESSAGE);
  const queues = attributes.get(UNIX_QUEUES);
  const waiting = attributes.get(UNIX_WAITING) ?? Buffer.alloc(0);
  return {
    inode: answer.readUInt32LE(4),
    receiveQueue: queues?.readUInt32LE(0) ?? 0,
    backlog: answer[2] === LISTEN ? (queues?.readUInt32LE(4) ?? null) : null,
    peer: attributes.get(UNIX_PEER)?.readUInt32LE(0) ?? null,
    closed: attributes.get(UNIX_SHUTDOWN)?.[0] === BOTH_WAYS,
    waiting: Array.from({ length: waiting.length / 4 }, (_, index) => waiting.readUInt32LE(index * 4)),
  };
}

/** struct inet_diag_msg of a listening socket. linux/inet_diag.h. */
export function parseListenerAnswer(answer: Buffer): Diagnosis {
  return {
    inode: answer.readUInt32LE(68),
    receiveQueue: answer.readUInt32LE(56),
    backlog: answer.readUInt32LE(60),
    peer: null,
    closed: false,
    waiting: [],
  };
}
