import type { BlockingChannel } from '../../channel/blocking.js';
import type { ListenFailure, ListenReply } from '../../channel/messages.js';
import { type Asked, failureFor } from './listen-arguments.js';

/** What a server is to listen on: its sockets, and a descriptor of each. */
export type Granted = Extract<ListenReply, { type: 'listening' }> & { readonly fds: readonly number[] };

export type ListenChannel = Pick<BlockingChannel, 'send' | 'receive' | 'take'>;

/** Asks the monitor, which answers at once. @param has the sockets that the server has already, by id */
export function askToListen(
  channel: ListenChannel,
  asked: Asked,
  first: boolean,
  has: readonly number[],
): Granted | ListenFailure {
  channel.send({ type: 'listen', ...asked, first, has });
  const reply = channel.receive();
  // The monitor is gone, and this process with it.
  if (reply?.type !== 'listening' && reply?.type !== 'not listening') process.exit(1);
  if (reply.type === 'not listening') return reply;
  try {
    return { ...reply, fds: channel.take(reply.sockets.length) };
  } catch (error) {
    const lost = reply.sockets.map(({ id }) => id).filter((id) => !has.includes(id));
    channel.send({ type: 'closed', sockets: lost });
    return failureFor(asked, error as NodeJS.ErrnoException);
  }
}
