import { attributesOf } from '../posix/sock-diag.js';
import { addressOf, type InetSocket, stateName } from './net.js';

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

const [AF_UNIX, AF_INET, AF_INET6] = [1, 2, 10];
const IPPROTO_TCP = 6;
const [TIME_WAIT, LISTEN] = [6, 10];
const EVERY_STATE = 0xffffffff;
/** 1 to 12. net/tcp_states.h. */
const TCP_STATES = 0x1ffe & ~(1 << TIME_WAIT);
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

/** Asks for all TCP sockets but those in TIME_WAIT, which are nobody's: struct inet_diag_req_v2. */
export function tcpRequest(version: 4 | 6): Buffer {
  const request = Buffer.alloc(56);
  request[0] = version === 4 ? AF_INET : AF_INET6;
  request[1] = IPPROTO_TCP;
  request.writeUInt32LE(TCP_STATES, 4);
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

/** struct inet_diag_msg. linux/inet_diag.h. */
export function parseTcpAnswer(answer: Buffer): { readonly socket: InetSocket; readonly diagnosis: Diagnosis } {
  const version = answer[0] === AF_INET ? 4 : 6;
  const endpoint = (port: number, address: number) => ({
    address: addressOf(answer.subarray(address, address + (version === 4 ? 4 : 16))),
    port: answer.readUInt16BE(port),
  });
  const [local, peer] = [endpoint(4, 8), endpoint(6, 24)];
  const state = stateName(answer[1] ?? 0);
  const [receiveQueue, second, inode] = [answer.readUInt32LE(56), answer.readUInt32LE(60), answer.readUInt32LE(68)];
  // In the place of what is sent, a listening socket has its backlog.
  const [sendQueue, backlog] = state === 'LISTEN' ? [0, second] : [second, null];
  return {
    socket: {
      protocol: 'tcp',
      version,
      local,
      peer: peer.port === 0 ? null : peer,
      state,
      receiveQueue,
      sendQueue,
      inode,
    },
    diagnosis: { inode, receiveQueue, backlog, peer: null, closed: false, waiting: [] },
  };
}
