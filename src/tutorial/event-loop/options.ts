import type { ListenAddress } from '../../net/address.js';
import type { Limits } from '../echo/conversation.js';

/** What a server is started with: plain data, which one process hands to another as an argument. */
export interface EchoOptions {
  /** A host is a name or a numeric address. */
  readonly address: ListenAddress;
  readonly backlog: number;
  readonly limits: Limits;
  /** Logs no clients and no lines. */
  readonly quiet: boolean;
}
