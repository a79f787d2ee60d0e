import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Scoreboard, takeSnapshot } from '../scoreboard/index.js';
import { parseListen, type Settings } from '../settings/index.js';
import { memoryOf, type StatusServer, serveStatus } from '../status/index.js';
import { obey } from './control.js';
import type { MonitorEvent } from './events.js';
import { inheritedListeners, takeActivatedSockets } from './inherited.js';
import { Listeners } from './listeners.js';
import { eventLog } from './log.js';
import { Monitor } from './monitor.js';
import { takeNodesMessages } from './node-messages.js';
import { Notifier, takeManager } from './notify.js';
import { claimPidfile, type Pidfile } from './pidfile.js';

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
  const report = reporter(settings, notifier, () => pidfile);
  takeNodesMessages(report);
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
  let pidfile: Pidfile | undefined;
  let status: StatusServer | undefined;
  try {
    // Not before: a signal from here on ends the service in order, and takes the file away.
    pidfile = claimPidfile(settings.pidfile);
    status = await openStatus(settings, scoreboard, report);
    return await monitor.run();
  } finally {
    forget();
    notifier?.close();
    await status?.close();
    if (process.connected) process.disconnect();
  }
}

/** Tells all that want to know: the log, the service manager, and the library's caller. */
function reporter(
  { log: format }: Settings,
  notifier: Notifier | undefined,
  pidfile: () => Pidfile | undefined,
): (event: MonitorEvent) => void {
  const log = eventLog(format);
  const report = (event: MonitorEvent) => {
    const trouble = event.type === 'serving' ? pidfile()?.publish() : undefined;
    if (trouble !== undefined) report({ type: 'warning', message: trouble });
    log(event);
    notifier?.tell(event);
    if (process.connected) process.send?.(event, () => {}); // The caller may be gone: see 'disconnect'.
  };
  return report;
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

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
