import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Order } from '../library/service.js';
import { setCloseOnExec } from '../posix/index.js';
import { Scoreboard, takeSnapshot } from '../scoreboard/index.js';
import { parseListen, type Settings } from '../settings/index.js';
import { memoryOf, serveStatus } from '../status/index.js';
import type { MonitorEvent } from './events.js';
import { inheritedListeners } from './inherited.js';
import { Listeners } from './listeners.js';
import { eventLog } from './log.js';
import { Monitor } from './monitor.js';
import { Notifier, takeManager } from './notify.js';

const SIGINT_STATUS = 130;
/** The first descriptor that a service manager hands over: sd_listen_fds(3). */
const LISTEN_FDS_START = 3;

/** The monitor's whole life as a process. @returns its exit status */
export async function runMonitor(settings: Settings): Promise<number> {
  if (settings.cwd !== undefined) process.chdir(settings.cwd);
  const app = resolve(settings.app);
  process.title = `prefork: monitor ${app}`;
  const activated = takeActivatedSockets();
  const inherited = inheritedListeners().filter((fd) => !activated.includes(fd));
  const scoreboard = Scoreboard.create();
  const manager = takeManager(process.env, process.pid);
  const notifier = manager && new Notifier(manager);
  const report = reporter(settings, notifier);
  const monitor = new Monitor({
    app: { ...settings, app, inherited },
    args: settings.args,
    workers: settings.workers,
    limits: settings,
    use: { requests: settings.maxRequests, memory: settings.maxMemory, lifetime: settings.maxLifetime },
    jitter: settings.jitter,
    memoryOf: (pid) => memoryOf(pid)[settings.maxMemoryKind],
    scoreboard,
    listeners: new Listeners(settings.listen.map(parseListen), activated, inherited),
    report,
    about: { version: version(), app, args: settings.args, cwd: process.cwd(), startedAt: Date.now() },
  });

  const forget = obey(monitor);
  const status = await openStatus(settings, scoreboard, report);
  const dropPidfile = writePidfile(settings.pidfile);
  try {
    return await monitor.run();
  } finally {
    forget();
    notifier?.close();
    dropPidfile();
    await status?.close();
    if (process.connected) process.disconnect();
  }
}

/** Tells all that want to know: the log, the service manager, and the library's caller. */
function reporter({ log: format }: Settings, notifier: Notifier | undefined): (event: MonitorEvent) => void {
  const log = eventLog(format);
  return (event) => {
    log(event);
    notifier?.tell(event);
    if (process.connected) process.send?.(event, () => {}); // The caller may be gone: see 'disconnect'.
  };
}

/** Signals, and orders of the library. @returns what undoes it */
function obey(monitor: Monitor): () => void {
  const handlers = {
    SIGTERM: () => monitor.stop('SIGTERM'),
    SIGQUIT: () => monitor.stop('SIGQUIT'),
    SIGINT: () => monitor.stop('SIGINT', { quick: true, status: SIGINT_STATUS }),
    SIGHUP: () => monitor.reload(),
    SIGTTIN: () => monitor.scale(monitor.target + 1),
    SIGTTOU: () => monitor.scale(monitor.target - 1),
    SIGUSR2: () => {}, // Kept for later; it must not end the service.
  } as const;
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  const onOrder = (order: Order) => {
    if (order.type === 'reload') monitor.reload();
    else if (order.type === 'scale') monitor.scale(order.workers);
    else monitor.stop('the program that started it says so', { quick: order.quick });
  };
  const onDisconnect = () => monitor.stop('the program that started it is gone');
  process.on('message', onOrder).on('disconnect', onDisconnect);
  return () => {
    process.off('message', onOrder).off('disconnect', onDisconnect);
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  };
}

async function openStatus(
  { statusHost: host, statusPort: port }: Settings,
  scoreboard: Scoreboard,
  report: (event: MonitorEvent) => void,
) {
  if (port === undefined) return undefined;
  try {
    const status = await serveStatus({ host, port, snapshot: () => takeSnapshot(scoreboard) });
    report({ type: 'status served', url: `http://${host.includes(':') ? `[${host}]` : host}:${status.port}/` });
    return status;
  } catch (cause) {
    throw new Error(`--status-port: ${(cause as Error).message}`, { cause });
  }
}

/** Socket activation: LISTEN_FDS and LISTEN_PID of sd_listen_fds(3). The app does not see them. */
function takeActivatedSockets(): number[] {
  const { LISTEN_FDS = '0', LISTEN_PID } = process.env;
  if (LISTEN_PID !== String(process.pid)) return [];
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete process.env[name];
  const fds = Array.from({ length: Number(LISTEN_FDS) }, (_, i) => LISTEN_FDS_START + i);
  for (const fd of fds) setCloseOnExec(fd, true);
  return fds;
}

function writePidfile(path: string | undefined): () => void {
  if (path === undefined) return () => {};
  const own = `${process.pid}\n`;
  writeFileSync(path, own);
  return () => {
    try {
      if (readFileSync(path, 'utf8') === own) unlinkSync(path);
    } catch {
      // Somebody has taken it away.
    }
  };
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
