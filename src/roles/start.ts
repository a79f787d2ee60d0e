import { dirname } from 'node:path';
import { Scoreboard, takeSnapshot } from '../scoreboard/index.js';
import { isSocketPath, logicalPath, parseListen, pathInRealFolder, type Settings } from '../settings/index.js';
import { memoryOf, type StatusServer, serveStatus } from '../status/index.js';
import { obey } from './control.js';
import type { MonitorEvent } from './events.js';
import { inheritedListeners, takeActivatedSockets } from './inherited.js';
import { Listeners, type Override } from './listeners.js';
import { eventLog } from './log.js';
import { Monitor } from './monitor.js';
import { takeNodesMessages } from './node-messages.js';
import { Notifier, takeManager } from './notify.js';
import { findInstallation } from './package.js';
import { claimPidfile, type Pidfile } from './pidfile.js';
import type { StartContext } from './start-context.js';
import { type Parent, parentOnChannel } from './supervisor.js';

export interface Start {
  readonly settings: Settings;
  /** The app's working directory: an absolute path, links unresolved. */
  readonly folder: string;
  /** Reads the settings again. @throws PreforkError ERR_PREFORK_INVALID_OPTION */
  readonly readSettings: () => Settings;
  readonly context: StartContext;
}

/** The monitor's whole life as a process. @returns its exit status */
export async function runMonitor({ settings, folder, readSettings, context }: Start): Promise<number> {
  const { args } = settings;
  const { nodeFlags, variablesOfFlags, byLibrary } = context;
  const app = logicalPath(folder, settings.app);
  const own = ownPaths(settings, folder);
  const installation = findInstallation(process.argv[1], [folder, dirname(app)]);
  // A release that is served from there may be removed or unmounted meanwhile. Zygotes change to the app's folder.
  process.chdir('/');
  process.title = `prefork: monitor ${app}`;
  const activated = takeActivatedSockets();
  const inherited = inheritedListeners().filter((fd) => !activated.includes(fd));
  const scoreboard = Scoreboard.create();
  const manager = takeManager(process.env, process.pid);
  const notifier = manager && new Notifier(manager, (message) => report({ type: 'warning', message }));
  const parent = parentOnChannel(byLibrary);
  const report = reporter({ settings, notifier, parent, pidfile: () => pidfile });
  takeNodesMessages(report);
  const monitor = new Monitor({
    origin: {
      folder,
      app: settings.app,
      appPath: app,
      args,
      installation,
      settings,
      readSettings,
      inherited,
      nodeFlags,
      variablesOfFlags,
      hasSupervisor: parent !== undefined && !byLibrary,
    },
    memoryOf,
    scoreboard,
    listeners: new Listeners(own.listen, activated, inherited),
    report,
    forward: (message) => parent?.forward(message),
    about: { version: installation.own.version, app, args, cwd: folder, startedAt: Date.now() },
  });

  obey(monitor);
  const forgetParent = parent?.obey(monitor);
  let pidfile: Pidfile | undefined;
  let status: StatusServer | undefined;
  try {
    // Not before: a signal from here on ends the service in order, and takes the file away.
    pidfile = claimPidfile(own.pidfile);
    status = await openStatus(settings, scoreboard, report);
    return await monitor.run();
  } finally {
    forgetParent?.();
    notifier?.close();
    await status?.close();
    if (process.connected) process.disconnect();
  }
}

interface Hearers {
  readonly settings: Settings;
  readonly notifier: Notifier | undefined;
  readonly parent: Parent | undefined;
  readonly pidfile: () => Pidfile | undefined;
}

/** Tells all that want to know: the log, the service manager, and the library's caller. */
function reporter({ settings, notifier, parent, pidfile }: Hearers): (event: MonitorEvent) => void {
  const log = eventLog(settings.log);
  const report = (event: MonitorEvent) => {
    const trouble = event.type === 'serving' ? pidfile()?.publish() : undefined;
    if (trouble !== undefined) report({ type: 'warning', message: trouble });
    log(event);
    notifier?.tell(event);
    parent?.tell(event);
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
    const warn = (message: string) => report({ type: 'warning', message });
    const status = await serveStatus({ host, port, snapshot: () => takeSnapshot(scoreboard), warn });
    report({ type: 'status served', url: `http://${host.includes(':') ? `[${host}]` : host}:${status.port}/` });
    return status;
  } catch (cause) {
    throw new Error(`--status-port: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The paths of what the monitor itself makes: relative to the app's folder as it is at the start. The folders' links
 * are resolved, so that the monitor finds these files again at its end.
 */
function ownPaths({ pidfile, listen }: Settings, folder: string): { pidfile: string | undefined; listen: Override[] } {
  const addresses = listen.map(parseListen);
  return {
    pidfile: pidfile === undefined ? undefined : pathInRealFolder(logicalPath(folder, pidfile)),
    listen: addresses.map((address) => ('path' in address ? { path: socketPath(address.path, folder) } : address)),
  };
}

function socketPath(path: string, folder: string): string {
  const logical = logicalPath(folder, path);
  const found = [pathInRealFolder(logical), logical].find(isSocketPath);
  if (found === undefined) throw new Error(`--listen unix:${path}: ${logical} is longer than a socket's path may be`);
  return found;
}
