import { identityOf } from '../scoreboard/identity.js';
import { findServers, readHeader, readServer } from '../scoreboard/index.js';
import { attempt } from '../util/attempt.js';
import { printable } from '../util/printable.js';
import { readSmallFile, type SmallFile } from '../util/small-file.js';
import { type Option, UsageError } from './command.js';

/** What is shown at most of what is no process id, in bytes. */
const MAX_SHOWN_BYTES = 40;
/** How long a pidfile may be, in bytes. */
const MAX_PIDFILE_BYTES = 64;
/** How much of an app's path a list of servers shows, in bytes. */
const SHOWN = 200;

/** The option that goes with serverOf(). */
export const PIDFILE = {
  type: 'string',
  placeholder: 'file',
  help: 'the server whose process id is in this file',
} as const satisfies Option;

/**
 * The process id that was given, or the one in the file, or that of the only server of this user that runs: root is never
 * led to another user's by what that one says of itself. @throws UsageError
 */
export function serverOf(pid: string | undefined, pidfile: string | undefined): number {
  if (pid !== undefined && pidfile !== undefined) throw new UsageError('a PID or --pidfile; choose one');
  if (pid !== undefined) return processId(pid, 'PID');
  if (pidfile !== undefined) return pidIn(pidfile);
  const servers = findServers().map((server) => ({ server, uid: readHeader(server).uid }));
  const own = servers.filter(({ uid }) => uid === process.geteuid?.());
  const [only] = own;
  if (only !== undefined && own.length === 1) return only.server;
  if (own.length > 1) {
    throw new UsageError(`several servers run; choose one: ${own.map(({ server }) => nameOf(server)).join(', ')}`);
  }
  const others = servers.map(({ server, uid }) => `${server} (user ${uid}'s)`).join(', ');
  throw new Error(`no prefork server${others === '' ? ' runs' : ` of this user's runs; of others: ${others}`}`);
}

/** With its app; with its version, where this version cannot read the description. */
function nameOf(server: number): string {
  const { known, version } = readHeader(server);
  const what = known ? readServer(server).description.app : `prefork ${version}`;
  return `${server} (${printable(Buffer.from(what), SHOWN)})`;
}

/** @throws Error also where who wrote it may have named another user's server than its own */
function pidIn(pidfile: string): number {
  const { text, uid } = contentOf(pidfile);
  const pid = processId(text.trim(), `what the pidfile ${pidfile} holds`);
  const owner = ownerOf(pid);
  if (uid === 0 || uid === process.geteuid?.() || owner === undefined || owner === uid) return pid;
  throw new Error(`the pidfile ${pidfile} is user ${uid}'s, but process ${pid} is user ${owner}'s; give the PID`);
}

function contentOf(pidfile: string): SmallFile {
  try {
    return readSmallFile(pidfile, MAX_PIDFILE_BYTES);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Error(`cannot read the pidfile ${pidfile} (${code ?? message}); a server has one while it serves`, {
      cause,
    });
  }
}

/** Undefined where there is no such process, or it cannot be known. */
function ownerOf(pid: number): number | undefined {
  return attempt(() => identityOf(pid).uid);
}

/** A process id that was given as text. @throws UsageError */
export function processId(text: string, where: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`${where} must be a process id, not '${printable(Buffer.from(text), MAX_SHOWN_BYTES)}'`);
}
