import { whyNoFork } from '../posix/binding.js';
import { findServers, sendCommand } from '../without-fork/control-socket.js';
import { UsageError } from './command.js';
import { serverOf } from './resolve-server.js';

/**
 * The process id of a server that runs without fork, by whatever names it; undefined where the one that is meant is
 * another server's. @throws UsageError
 */
export async function serverWithoutFork(
  given: string | undefined,
  pidfile: string | undefined,
): Promise<number | undefined> {
  const noFork = whyNoFork();
  if (given !== undefined || pidfile !== undefined) {
    const pid = serverOf(given, pidfile);
    if ((await sendCommand(pid, 'ping')) !== undefined) return pid;
    if (noFork === undefined) return undefined;
    throw new Error(`process ${pid} is no prefork server of this user's`);
  }
  if (noFork === undefined) return undefined;
  const [only, ...others] = await findServers();
  if (only === undefined && process.platform === 'win32')
    throw new UsageError('which server? give its PID or --pidfile');
  if (only === undefined) throw new Error("no prefork server of this user's runs");
  if (others.length > 0) throw new UsageError(`several servers run; choose one: ${[only, ...others].join(', ')}`);
  return only;
}
