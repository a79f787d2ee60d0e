import type { Limits } from '../echo/conversation.js';
import type { Endpoint } from '../echo/listener.js';

/** What a server is started with: plain data, which one process hands to another as an argument. */
export interface EchoOptions extends Endpoint {
  readonly limits: Limits;
  /** Logs no clients and no lines. */
  readonly quiet: boolean;
}
