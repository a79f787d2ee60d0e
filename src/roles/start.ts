import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Scoreboard, takeSnapshot } from '../scoreboard/index.js';
import { parseListen, type Settings } from '../settings/index.js';
import { memoryOf, serveStatus } from '../status/index.js';
import { obey } from './control.js';
import type { MonitorEvent } from './events.js';
import { inheritedListeners, takeActivatedSockets } from './inherited.js';
import { Listeners } from './listeners.js';
import { eventLog } from './log.js';
import { Monitor } from './monitor.js';
import { Notifier, takeManager } from './notify.js';
import { writePidfile } from './pidfile.js';

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
    holdConnects: settings.holdConnects,
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
