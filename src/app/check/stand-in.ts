import type { BlockingChannel } from '../../channel/blocking.js';
import type { ListenReply, ListenRequest, ToMonitor } from '../../channel/messages.js';
import { type Address, listen } from '../../posix/index.js';

/** Answers as the monitor does, but listens on free ports of its own: the app may be running elsewhere. */
export class StandIn implements Pick<BlockingChannel, 'send' | 'receive' | 'take'> {
  #reply: ListenReply | undefined;
  readonly #descriptors: number[] = [];

  send(message: ToMonitor): void {
    if (message.type !== 'listen') return;
    const { fd, address } = listen({ host: '127.0.0.1' });
    this.#descriptors.push(fd);
    const port = 'port' in address ? address.port : 0;
    this.#reply = { type: 'listening', key: `${fd}`, addresses: [asAsked(message, port)] };
  }

  receive(): ListenReply | undefined {
    return this.#reply;
  }

  take(count: number): number[] {
    return this.#descriptors.splice(0, count);
  }
}

function asAsked({ address, addressType, port }: ListenRequest, free: number): Address {
  if (addressType === -1) return { family: 'unix', path: address ?? '' };
  return { family: addressType === 4 ? 'IPv4' : 'IPv6', address: address ?? '::', port: port || free };
}
