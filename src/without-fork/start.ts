import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { PreforkError } from '../errors.js';
import { logicalPath, type Settings } from '../settings/index.js';
import { watchTerminal } from '../util/terminal.js';
import { type Answer, type Command, ControlSocket } from './control-socket.js';
import { eventLog } from './log.js';
import { Primary } from './primary.js';
import { warningAbout } from './settings.js';

/** 128 and the signal's number. */
const SIGHUP_STATUS = 129;
const SIGINT_STATUS = 130;

export interface StartWithoutFork {
  readonly settings: Settings;
  /** The app's working directory: an absolute path. */
  readonly folder: string;
  readonly readSettings: () => Settings;
  /** Why there is no fork. */
  readonly reason: PreforkError;
}

/** The server's whole life where there is no fork: the app under node:cluster, for development. @returns its exit status */
export async function runWithoutFork({ settings, folder, readSettings, reason }: StartWithoutFork): Promise<number> {
  const warning = warningAbout(settings);
  const report = eventLog(settings.log);
  const warn = (message: string) => report('warning', message);
  warn(`this platform cannot fork (${textOf(reason)}): the app runs under node:cluster, for development only`);
  if (warning !== undefined) warn(warning);
  // Relative paths of sockets are the primary's: it opens them.
  process.chdir(folder);
  process.title = `prefork: monitor ${settings.app}`;
  const pidfile = settings.pidfile === undefined ? undefined : logicalPath(folder, settings.pidfile);
  const serving = () => {
    try {
      if (pidfile !== undefined) writeFileSync(pidfile, `${process.pid}\n`);
    } catch (error) {
      warn(`--pidfile: ${(error as Error).message}`);
    }
  };
  const primary = new Primary({ settings, folder, readSettings, report, serving });
  installSignalHandlers(primary);
  const control = new ControlSocket((command) => execute(primary, command));
  await control
    .open()
    .catch((error: Error) => warn(`prefork stop and reload do not reach this server: ${error.message}`));
  try {
    return await primary.run();
  } finally {
    control.close();
    if (pidfile !== undefined) removePidfile(pidfile);
  }
}

/** The reason, without what to do about it where nothing can be done. */
function textOf({ code, message, remedy }: PreforkError): string {
  return code === 'ERR_PREFORK_UNSUPPORTED' ? message.replace(`; ${remedy}`, '') : message;
}

async function execute(primary: Primary, command: Command): Promise<Answer> {
  if (command === 'stop') primary.stop('prefork stop', 0);
  if (command === 'quick') primary.stop('prefork stop --quick', SIGINT_STATUS, true);
  if (command !== 'reload') return { ok: true, text: `server ${process.pid}` };
  const end = await primary.reload();
  if (end === undefined) return { ok: false, text: `server ${process.pid} is about to end` };
  const { reason, generation } = end;
  return reason === undefined
    ? { ok: true, text: `generation ${generation} serves` }
    : { ok: false, text: `the reload failed: ${reason}; what served serves on` };
}

function installSignalHandlers(primary: Primary): void {
  const terminalIsGone = watchTerminal();
  process.on('SIGTERM', () => primary.stop('SIGTERM', 0));
  process.on('SIGINT', () => primary.stop('SIGINT', SIGINT_STATUS, true));
  process.on('SIGHUP', () => {
    // Windows sends it when the console is closed.
    const isGone = process.platform === 'win32' || terminalIsGone();
    if (isGone) primary.stop('its terminal is gone', SIGHUP_STATUS);
    else void primary.reload();
  });
  if (process.platform === 'win32') return;
  process.on('SIGQUIT', () => primary.stop('SIGQUIT', 0));
  process.on('SIGTTIN', () => primary.scale(1));
  process.on('SIGTTOU', () => primary.scale(-1));
  process.on('SIGUSR2', () => {}); // As in the monitor: it must not end the service.
}

/** Unless it is another server's by now. */
function removePidfile(path: string): void {
  try {
    if (readFileSync(path, 'utf8').trim() === String(process.pid)) rmSync(path);
  } catch {
    // It is gone, or cannot be read, and so is not this server's.
  }
}
