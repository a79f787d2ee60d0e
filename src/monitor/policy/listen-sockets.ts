import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { Hold, ListenRequest } from '../../channel/messages.js';
import type { ListenAddress } from '../../net/address.js';
import type { Address } from '../../posix/index.js';

/** A listening socket of the service. */
export interface SocketFacts {
  readonly id: number;
  /** `given` by the service manager, for an `override` (--listen), or `opened` because the app asked for it. */
  readonly origin: 'given' | 'override' | 'opened';
  readonly address: Address;
  readonly ipv6Only: boolean;
  readonly reusePort: boolean;
  /** What it was opened for. */
  readonly asked: ListenAddress | undefined;
  /** How the process that asks holds it. */
  readonly mine: Hold | undefined;
  /** How other processes hold it, one each. The zygote of a worker that asks is not among them: it accepts nothing. */
  readonly others: readonly Hold[];
}

export type Decision =
  /** These sockets, by id; and those of --listen. */
  | { readonly type: 'give'; readonly sockets: ReadonlyMap<number, Hold>; readonly overrides: boolean }
  /** A new socket, once these are closed. */
  | { readonly type: 'open'; readonly close: readonly number[] }
  /** A server of the same process listens there. */
  | { readonly type: 'in use' };

/**
 * Which sockets a server gets. All processes of the service run the same code, at different times: what one of them
 * listens on, the others may listen on, too, and one may still be at an address that another has left.
 */
export function decide(wanted: ListenRequest, sockets: readonly SocketFacts[], hasOverrides: boolean): Decision {
  const isMine = ({ id, mine }: SocketFacts) => mine !== undefined && !wanted.has.includes(id);
  const overrides = wanted.first && hasOverrides;

  const given = sockets.filter((socket) => socket.origin === 'given' && !(isMine(socket) && socket.mine === 'own'));
  const claimed = claim(wanted, given);
  const rest = wanted.first ? given.filter((socket) => !claimed.includes(socket)) : [];
  if (overrides || claimed.length + rest.length > 0) {
    return { type: 'give', sockets: new Map([...held(claimed, 'own'), ...held(rest, 'first')]), overrides };
  }

  const same = sockets.filter((socket) => socket.origin !== 'given' && isFor(wanted, socket));
  const free = same.find((socket) => !isMine(socket));
  if (free !== undefined) return give([free], 'own');

  const inTheWay = sockets.filter((socket) => excludes(wanted, socket));
  if (inTheWay.some(isMine)) return { type: 'in use' };
  const kept = inTheWay.filter(({ origin, others }) => origin !== 'opened' || others.some((how) => how !== 'stand-in'));
  return kept.length > 0 ? give(kept, 'stand-in') : { type: 'open', close: inTheWay.map(({ id }) => id) };
}

/** The addresses of --listen on which a socket was not given already. */
export function notGiven(overrides: readonly ListenAddress[], given: readonly Address[]): ListenAddress[] {
  return overrides.filter(
    (override) => !given.some((address) => isBound(override, false, { address, ipv6Only: false })),
  );
}

/**
 * Whether an address is among those that were allowed. One without a host allows its port on every address; port 0 allows
 * no port. Hosts are numeric, paths absolute.
 */
export function isAllowed(address: ListenAddress, allowed: readonly ListenAddress[]): boolean {
  return allowed.some((each) => {
    if ('path' in each || 'path' in address) return 'path' in each && 'path' in address && each.path === address.path;
    if (each.port === 0 || each.port !== address.port) return false;
    return each.host === undefined || range(each, false).host === range(address, false).host;
  });
}

function give(sockets: readonly SocketFacts[], how: Hold): Decision {
  return { type: 'give', sockets: new Map(held(sockets, how)), overrides: false };
}

function held(sockets: readonly SocketFacts[], how: Hold): [number, Hold][] {
  return sockets.map(({ id }) => [id, how]);
}

/** Those of the given sockets that are for this address: the very one, or else what its port has. */
function claim({ address, ipv6Only }: ListenRequest, given: readonly SocketFacts[]): SocketFacts[] {
  const exact = given.filter((socket) => isBound(address, ipv6Only, socket));
  if (exact.length > 0 || 'path' in address || address.port === 0) return exact;
  const ofPort = given.filter((socket) => 'port' in socket.address && socket.address.port === address.port);
  const overlapping = ofPort.filter((socket) => overlap(range(address, ipv6Only), boundRange(socket)));
  return overlapping.length > 0 ? overlapping : ofPort;
}

/** Whether the socket is bound to just what is wanted, or was opened for it. */
function isFor({ address, ipv6Only }: ListenRequest, socket: SocketFacts): boolean {
  if (isBound(address, ipv6Only, socket)) return true;
  // All addresses are those of IPv4 alone where there is no IPv6.
  const { asked } = socket;
  if (asked === undefined || 'path' in asked || 'path' in address || address.port === 0) return false;
  return asked.host === address.host && asked.port === address.port && socket.ipv6Only === ipv6Only;
}

type Bound = Pick<SocketFacts, 'address' | 'ipv6Only'>;

function isBound(address: ListenAddress, ipv6Only: boolean, socket: Bound): boolean {
  if (socket.address.family === 'unix') return 'path' in address && address.path === socket.address.path;
  if ('path' in address || address.port !== socket.address.port) return false;
  const [wanted, bound] = [range(address, ipv6Only), boundRange(socket)];
  return wanted.host === bound.host && wanted.ipv6Only === bound.ipv6Only;
}

/** Whether the kernel would refuse the address because of this socket. */
function excludes({ address, ipv6Only, reusePort }: ListenRequest, socket: SocketFacts): boolean {
  if (socket.address.family === 'unix') return 'path' in address && address.path === socket.address.path;
  if ('path' in address || address.port === 0 || address.port !== socket.address.port) return false;
  return !(reusePort && socket.reusePort) && overlap(range(address, ipv6Only), boundRange(socket));
}

/** The addresses that a socket takes in. */
interface Range {
  readonly host: string;
  /** Only for '::': it leaves out IPv4. */
  readonly ipv6Only: boolean;
}

function range({ host = '::' }: { readonly host?: string }, ipv6Only: boolean): Range {
  const numeric = canonical(host);
  return { host: numeric, ipv6Only: ipv6Only && numeric === '::' };
}

function boundRange({ address, ipv6Only }: Bound): Range {
  return range(address.family === 'unix' ? {} : { host: address.address }, ipv6Only);
}

function overlap(a: Range, b: Range): boolean {
  return a.host === b.host || includes(a, b) || includes(b, a);
}

function includes({ host, ipv6Only }: Range, other: Range): boolean {
  if (host === '::') return isIPv6(other.host) || !ipv6Only;
  return host === '0.0.0.0' && isIPv4(other.host);
}

/** One spelling for each address; an IPv4 address in that of IPv6 is itself. */
function canonical(host: string): string {
  const [address = '', zone] = host.split('%');
  if (!isIPv6(address)) return address;
  const text = new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
  return zone === undefined ? text : `${text}%${zone}`;
}
