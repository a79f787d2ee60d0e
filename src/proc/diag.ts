import { attributesOf } from '../posix/sock-diag.js';
import { addressOf, type InetSocket, stateName } from './net.js';

/** What sock_diag(7) knows of a socket, and /proc/PID/net does not. */
export interface Diagnosis {
  readonly inode: number;
  /** Bytes to read; of a listening socket, connections to accept. */
  readonly receiveQueue: number;
  /** How many connections may wait at a listening socket, else null: see listen(2). */
  readonly backlog: number | null;
  /** The other end's inode for a connected unix socket, 0 when that end is closed or was not accepted; else null. */
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
const INET_REQUEST = 56;
/** An attribute of the request, and what its program does: go on when the local port is at least, or at most, so much. linux/inet_diag.h. */
const REQUEST_BYTECODE = 1;
const [PORT_AT_LEAST, PORT_AT_MOST] = [2, 3];
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

/** Asks for all TCP sockets but those in TIME_WAIT, which no process holds: struct inet_diag_req_v2. */
export function tcpRequest(version: 4 | 6, states = TCP_STATES): Buffer {
  const request = Buffer.alloc(INET_REQUEST);
  request[0] = version === 4 ? AF_INET : AF_INET6;
  request[1] = IPPROTO_TCP;
  request.writeUInt32LE(states, 4);
  return request;
}

/** Asks for the listening ones of tcpRequest(). */
export function listenersRequest(version: 4 | 6): Buffer {
  return tcpRequest(version, 1 << LISTEN);
}

/** Asks for the others of tcpRequest() that have this local port. */
export function connectionsRequest(version: 4 | 6, port: number): Buffer {
  const program = Buffer.alloc(20);
  program.writeUInt16LE(program.length, 0);
  program.writeUInt16LE(REQUEST_BYTECODE, 2);
  // struct inet_diag_bc_op: code, how far to go on when it holds, and when not: one step too far refuses the socket. Behind
  // each stands the port. linux/inet_diag.h.
  for (const [at, code] of [
    [4, PORT_AT_LEAST],
    [12, PORT_AT_MOST],
  ] as const) {
    program[at] = code;
    program[at + 1] = 8;
    program.writeUInt16LE(program.length - at + 4, at + 2);
    program.writeUInt16LE(port, at + 6);
  }
  return Buffer.concat([tcpRequest(version, TCP_STATES & ~(1 << LISTEN)), program]);
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
