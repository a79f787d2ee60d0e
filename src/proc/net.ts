import { SocketAddress } from 'node:net';
import { shown } from './read.js';

export interface InetSocket {
  readonly protocol: 'tcp' | 'udp';
  /** 4 or 6: which of the two tables it stands in. */
  readonly version: 4 | 6;
  readonly local: Endpoint;
  /** Null while there is none. */
  readonly peer: Endpoint | null;
  /** 'LISTEN', 'ESTABLISHED', … */
  readonly state: string;
  /** Bytes that the process has not read; of a listening socket the connections that it has not accepted. */
  readonly receiveQueue: number;
  /** Bytes that the peer has not acknowledged. */
  readonly sendQueue: number;
  /** 0: it is no process's, or not yet. */
  readonly inode: number;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface UnixSocket {
  readonly protocol: 'unix';
  readonly type: string;
  readonly state: string;
  /** With a leading '@' in the abstract namespace; empty for an unnamed one. */
  readonly path: string;
  readonly inode: number;
}

/** By number. The kernel's net/tcp_states.h. */
const STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
];
const UNIX_TYPES: Readonly<Record<number, string>> = { 1: 'stream', 2: 'dgram', 5: 'seqpacket' };
const UNIX_STATES = ['', 'UNCONNECTED', 'CONNECTING', 'CONNECTED', 'DISCONNECTING'];
/** How many bytes an address of the unix domain has room for. unix(7). */
const SUN_PATH = 108;
/** __SO_ACCEPTCON. */
const LISTENING = 0x10000;

/** The text of /proc/PID/net/tcp, tcp6, udp or udp6; lines that are none are left out. proc_pid_net(5). */
export function parseInet(text: string, protocol: 'tcp' | 'udp'): InetSocket[] {
  const sockets: InetSocket[] = [];
  for (const line of text.split('\n')) {
    const socket = inetLine(line, protocol);
    if (socket !== undefined) sockets.push(socket);
  }
  return sockets;
}

function inetLine(line: string, protocol: 'tcp' | 'udp'): InetSocket | undefined {
  const [, local, remote, state, queues = '', , , , , inode] = line.trim().split(/\s+/);
  const [from, to] = [endpoint(local), endpoint(remote)];
  if (from === undefined || to === undefined || !/^\d+$/.test(inode ?? '')) return undefined;
  const [send = '', receive = ''] = queues.split(':');
  return {
    protocol,
    version: local?.length === '00000000:0000'.length ? 4 : 6,
    local: from,
    peer: to.port === 0 ? null : to,
    state: stateName(Number.parseInt(state ?? '', 16)),
    receiveQueue: Number.parseInt(receive, 16),
    sendQueue: Number.parseInt(send, 16),
    inode: Number(inode),
  };
}

export function stateName(number: number): string {
  return STATES[number] || `state ${number}`;
}

/** Four bytes at a time in the machine's order, little-endian, then the port: '0100007F:3039'. */
function endpoint(text = ''): Endpoint | undefined {
  const [, hex, port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text) ?? [];
  if (hex === undefined) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  for (let word = 0; word < bytes.length; word += 4) bytes.subarray(word, word + 4).reverse();
  return { address: addressOf(bytes), port: Number.parseInt(port, 16) };
}

/** In the network's order. An IPv4 peer of an IPv6 socket is shown as what it is. */
export function addressOf(bytes: Buffer): string {
  const mapped = bytes.length === 16 && bytes.toString('hex', 0, 12) === '00000000000000000000ffff';
  if (bytes.length === 4 || mapped) return bytes.subarray(-4).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
}

/** The text of /proc/PID/net/unix, as Latin-1; lines that are none are left out. proc_pid_net(5). */
export function parseUnix(text: string): UnixSocket[] {
  const sockets: UnixSocket[] = [];
  // A path may hold line breaks: a line that does not begin like one goes on with the path.
  const line =
    /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2}) +(\d+)(?: (.*(?:\n(?![0-9a-f]+: [0-9A-F]{8} ).+)*))?$/gim;
  for (const [, flags = '', type = '', state = '', inode, path = ''] of text.matchAll(line)) {
    const listens = (Number.parseInt(flags, 16) & LISTENING) !== 0;
    sockets.push({
      protocol: 'unix',
      type: UNIX_TYPES[Number.parseInt(type, 16)] ?? `type ${Number.parseInt(type, 16)}`,
      state: listens ? 'LISTEN' : UNIX_STATES[Number.parseInt(state, 16)] || `state ${state}`,
      path: shown(Buffer.from(withoutPadding(path), 'latin1')),
      inode: Number(inode),
    });
  }
  return sockets;
}

/** A NUL in an abstract name is shown as '@', also those with which Node's libuv fills up sun_path. */
function withoutPadding(path: string): string {
  return path.startsWith('@') && path.length === SUN_PATH ? path.replace(/@+$/, '') : path;
}
