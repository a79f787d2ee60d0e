import { isListenAddress } from '../net/address.js';
import { printable } from '../util/printable.js';
import type { ToMonitor } from './messages.js';

type Check = (value: unknown) => boolean;
type Fields<Message> = { readonly [Name in Exclude<keyof Message, 'type'>]-?: Check };

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const integer: Check = (value) => Number.isInteger(value);
const integers: Check = (value) => Array.isArray(value) && value.every(integer);
const isOptionalText: Check = (value) => value === undefined || text(value);
const texts: Check = (value) => Array.isArray(value) && value.every(text);

function isHeldConnect(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { destination, place } = value as Readonly<Record<string, unknown>>;
  return text(destination) && (place === undefined || text(place));
}

/** It goes on to the process's siblings. */
function isToldError(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, message, stack, code } = value as Readonly<Record<string, unknown>>;
  return text(name) && text(message) && isOptionalText(stack) && (isOptionalText(code) || typeof code === 'number');
}

function isCompaction(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { before, after, milliseconds } = value as Readonly<Record<string, unknown>>;
  return [before, after, milliseconds].every(Number.isFinite);
}

function isLoadedAfter(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { files, bytes } = value as Readonly<Record<string, unknown>>;
  return (files === undefined || integer(files)) && typeof bytes === 'number' && Number.isFinite(bytes);
}

const heldConnects: Check = (value) => Array.isArray(value) && value.every(isHeldConnect);

/** What each message to the monitor holds beside its type. */
const FIELDS: { readonly [Type in ToMonitor['type']]: Fields<Extract<ToMonitor, { type: Type }>> } = {
  listen: {
    address: isListenAddress,
    ipv6Only: flag,
    reusePort: flag,
    first: flag,
    has: integers,
    backlog: integer,
    order: integer,
    umask: (value) => value === undefined || integer(value),
  },
  closed: { sockets: integers },
  'listens on descriptor': { fd: integer },
  'cannot listen': { reasons: texts },
  warning: { message: text },
  settings: { settings: (value) => typeof value === 'object' && value !== null },
  loaded: {
    held: heldConnects,
    file: isOptionalText,
    compaction: (value) => value === undefined || isCompaction(value),
  },
  hold: { cause: text, connects: heldConnects, after: (value) => value === undefined || isLoadedAfter(value) },
  refused: { reasons: texts },
  'fork failed': { record: integer, message: text },
  hello: {},
  ready: {},
  once: { name: text },
  'once ended': { name: text, error: (value) => value === undefined || isToldError(value) },
};

/** How much of what is no message an error shows, in bytes. */
const SHOWN = 200;

/** What came from another process, whose app may have written to the channel as well. @throws SyntaxError */
export function checkToMonitor(value: unknown): ToMonitor {
  if (isMessage(value)) return value;
  throw new SyntaxError(`what is no message: ${printable(Buffer.from(JSON.stringify(value)), SHOWN)}`);
}

function isMessage(value: unknown): value is ToMonitor {
  if (typeof value !== 'object' || value === null) return false;
  const message = value as Readonly<Record<string, unknown>>;
  const { type } = message;
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return false;
  const fields: Readonly<Record<string, Check>> = FIELDS[type as ToMonitor['type']];
  return Object.entries(fields).every(([name, check]) => check(message[name]));
}
