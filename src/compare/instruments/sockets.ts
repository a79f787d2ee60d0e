import { sockDiag } from '../../posix/sock-diag.js';
import { parseInet } from '../../proc/net.js';
import { readText } from '../../proc/read.js';

/** The listener on a port, or the server's end of a connection to it. */
export interface ServerSocket {
  readonly listens: boolean;
  /** 0 of a listener. */
  readonly clientPort: number;
  /** 0: nobody has accepted it yet. */
  readonly inode: number;
  /** Bytes that are not read, or connections that are not accepted. */
  readonly receiveQueue: number;
}

/** linux/net/tcp_states.h. */
const [ESTABLISHED, CLOSE_WAIT, LISTEN] = [1, 8, 10];

/**
 * The sockets of a port. sock_diag(7) finds them among 100,000 connections that are over and remembered (TIME_WAIT), of
 * which a benchmark leaves many, in a moment; /proc/net/tcp lists all of them.
 */
export function socketsOn(port: number): ServerSocket[] {
  try {
    return sockDiag(request(port)).map(parseAnswer);
  } catch {
    return listed(port);
  }
}

/** struct inet_diag_req_v2, for IPv4. */
function request(port: number): Buffer {
  const [AF_INET, IPPROTO_TCP] = [2, 6];
  const bytes = Buffer.alloc(56);
  bytes[0] = AF_INET;
  bytes[1] = IPPROTO_TCP;
  bytes.writeUInt32LE((1 << ESTABLISHED) | (1 << CLOSE_WAIT) | (1 << LISTEN), 4);
  bytes.writeUInt16BE(port, 8);
  return bytes;
}

/** struct inet_diag_msg. linux/inet_diag.h. */
function parseAnswer(answer: Buffer): ServerSocket {
  return {
    listens: answer[1] === LISTEN,
    clientPort: answer.readUInt16BE(6),
    inode: answer.readUInt32LE(68),
    receiveQueue: answer.readUInt32LE(56),
  };
}

function listed(port: number): ServerSocket[] {
  const sockets = parseInet(readText('/proc/net/tcp') || '', 'tcp').filter(({ local }) => local.port === port);
  return sockets.map(({ state, peer, inode, receiveQueue }) => ({
    listens: state === 'LISTEN',
    clientPort: peer?.port ?? 0,
    inode,
    receiveQueue,
  }));
}
