/** What a worker does when accept(2) fails. */
export type AcceptErrorAction =
  /** That connection is lost, the next one is not: go on. */
  | 'again'
  /** Something has run out that may come back: wait, then go on. */
  | 'wait'
  /** The listener itself is no good. */
  | 'fail';

const ACTIONS: Readonly<Record<string, AcceptErrorAction>> = {
  ECONNABORTED: 'again',
  // Errors of the network that are waiting on the new connection: accept(2), "Error handling".
  EHOSTDOWN: 'again',
  EHOSTUNREACH: 'again',
  ENETDOWN: 'again',
  ENETUNREACH: 'again',
  ENONET: 'again',
  ENOPROTOOPT: 'again',
  EPROTO: 'again',
  ETIMEDOUT: 'again',
  EMFILE: 'wait',
  ENFILE: 'wait',
  ENOBUFS: 'wait',
  ENOMEM: 'wait',
  // A firewall's rule.
  EPERM: 'wait',
};

const FIRST_PAUSE = 100;
const MAX_PAUSE = 1000;

export function acceptErrorAction(code: string | undefined): AcceptErrorAction {
  return (code !== undefined && Object.hasOwn(ACTIONS, code) && ACTIONS[code]) || 'fail';
}

/** How long to wait, in milliseconds, when it is the `times`-th time in a row. */
export function acceptPause(times: number): number {
  return Math.min(FIRST_PAUSE * 2 ** (times - 1), MAX_PAUSE);
}
