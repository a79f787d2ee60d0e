import { readFileSync } from 'node:fs';
import { findServers, readHeader, readServer } from '../scoreboard/index.js';
import { type Option, UsageError } from './command.js';

/** The option that goes with serverOf(). */
export const PIDFILE = {
  type: 'string',
  placeholder: 'file',
  help: 'the server whose process id is in this file',
} as const satisfies Option;

/** The process id that was given, or the one in the file, or that of the only server that runs. @throws UsageError */
export function serverOf(pid: string | undefined, pidfile: string | undefined): number {
  if (pid !== undefined && pidfile !== undefined) throw new UsageError('a PID or --pidfile; choose one');
  if (pid !== undefined) return processId(pid, 'PID');
  if (pidfile !== undefined) return processId(contentOf(pidfile), pidfile);
  const servers = findServers();
  const [only] = servers;
  if (only === undefined) throw new Error('no prefork server runs');
  if (servers.length === 1) return only;
  const names = servers.map((server) => `${server} (${nameOf(server)})`);
  throw new UsageError(`several servers run; choose one: ${names.join(', ')}`);
}

/** Its app; of a server whose description this version cannot read, its version. */
function nameOf(server: number): string {
  const { known, version } = readHeader(server);
  return known ? readServer(server).description.app : `prefork ${version}`;
}

function contentOf(pidfile: string): string {
  try {
    return readFileSync(pidfile, 'utf8').trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`cannot read the pidfile ${pidfile} (${code}); a server has one while it serves`, { cause });
  }
}

/** A process id that was given as text. @throws UsageError */
export function processId(text: string, where: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`${where} must be a process id, not '${text}'`);
}
