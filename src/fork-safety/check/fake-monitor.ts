import type { BlockingChannel } from '../../channel/blocking.js';
import type { ListenReply, ListenRequest, ToMonitor } from '../../channel/messages.js';
import { socketAddress } from '../../net/address.js';
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
    const asked = asAsked(message, port);
    this.#reply = {
      type: 'listening',
      sockets: [{ id: fd, address: asked, hold: 'own', given: false }],
      address: asked,
    };
  }

  receive(): ListenReply | undefined {
    return this.#reply;
  }

  take(count: number): number[] {
    return this.#descriptors.splice(0, count);
  }
}

function asAsked({ address }: ListenRequest, free: number): Address {
  return socketAddress('path' in address ? address : { ...address, port: address.port || free });
}
