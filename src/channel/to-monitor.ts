import { isListenAddress } from '../net/address.js';
import { type Check, flag, integer, listOf, number, object, optional, text } from '../util/checks.js';
import { noMessage } from './framing.js';
import type { ToMonitor } from './messages.js';

type Fields<Message> = { readonly [Name in Exclude<keyof Message, 'type'>]-?: Check };

const heldConnects = listOf(object({ destination: text, place: optional(text) }));
const loadedAfter = object({ files: optional(integer), bytes: number });
const compaction = object({ before: number, after: number, milliseconds: number });
/** It goes on to the process's siblings. */
const toldError = object({
  name: text,
  message: text,
  stack: optional(text),
  code: (value) => value === undefined || text(value) || typeof value === 'number',
});

/** What each message to the monitor holds beside its type. */
const FIELDS: { readonly [Type in ToMonitor['type']]: Fields<Extract<ToMonitor, { type: Type }>> } = {
  listen: {
    address: isListenAddress,
    ipv6Only: flag,
    reusePort: flag,
    first: flag,
    has: listOf(integer),
    backlog: integer,
    order: integer,
    umask: optional(integer),
  },
  closed: { sockets: listOf(integer) },
  'listens on descriptor': { fd: integer },
  serves: { destination: text },
  'cannot listen': { reasons: listOf(text) },
  warning: { message: text },
  settings: { settings: object({}) },
  loaded: { held: heldConnects, file: optional(text), compaction: optional(compaction) },
  hold: { cause: text, connects: heldConnects, after: optional(loadedAfter) },
  refused: { reasons: listOf(text) },
  'fork failed': { record: integer, message: text },
  hello: {},
  ready: {},
  once: { name: text },
  'once ended': { name: text, error: optional(toldError) },
};

/** What came from another process, whose app may have written to the channel as well. @throws SyntaxError */
export function checkToMonitor(value: unknown): ToMonitor {
  if (isMessage(value)) return value;
  throw noMessage(Buffer.from(JSON.stringify(value)));
}

function isMessage(value: unknown): value is ToMonitor {
  if (typeof value !== 'object' || value === null) return false;
  const { type } = value as { readonly type?: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return false;
  return object(FIELDS[type as ToMonitor['type']])(value);
}
