import { dirname } from 'node:path';
import { isSocketPath } from '../net/address.js';
import { importModule } from '../node/import-module.js';
import { setDumpable } from '../posix/index.js';
import { memoryOf } from '../proc/usage.js';
import { BoardHandOut } from '../scoreboard/hand-out.js';
import { Scoreboard, takeSnapshot } from '../scoreboard/index.js';
import { logicalPath, pathInRealFolder, type Settings } from '../settings/index.js';
import type { Seen, StatusServer } from '../status/index.js';
import { codeUrl } from '../util/package-files.js';
import type { EarlyZygote } from './early-zygote.js';
import type { MonitorEvent } from './events.js';
import { inheritedListeners, takeActivatedSockets } from './listeners/inherited.js';
import { Listeners } from './listeners/listeners.js';
import { listenersOptions } from './listeners/listeners-options.js';
import { eventLog } from './log.js';
import { Monitor } from './monitor.js';
import { takeNodesMessages } from './node-messages.js';
import { findInstallation } from './package.js';
import { claimPidfile, type Pidfile } from './pidfile.js';
import { type Privileges, privilegeWarnings, resolvePrivileges } from './privileges.js';
import { installSignalHandlers } from './signals.js';
import type { StartContext } from './start-context.js';
import { markOf } from './status-mark.js';
import type { StatusStart } from './status-start.js';
import { type Parent, parentOnChannel } from './supervisor.js';
import { Notifier, takeServiceManager } from './systemd.js';

export interface Start {
  readonly settings: Settings;
  /** The app's working directory: an absolute path, links unresolved. */
  readonly folder: string;
  /** Reads the settings again. @throws PreforkError ERR_PREFORK_INVALID_OPTION */
  readonly readSettings: () => Settings;
  readonly context: StartContext;
  /** A zygote that waits for what it is to load. */
  readonly early?: EarlyZygote | undefined;
}

/** The monitor's whole life as a process. @returns its exit status */
export async function runMonitor({ settings, folder, readSettings, context, early }: Start): Promise<number> {
  const { args } = settings;
  const { nodeFlags, variablesOfFlags } = context;
  const byLibrary = context.options !== undefined;
  const app = logicalPath(folder, settings.app);
  const privileges = resolvePrivileges(settings);
  if (settings.undumpable) setDumpable(false);
  const installation = findInstallation(process.argv[1], [folder, dirname(app)]);
  // A release that is served from there may be removed or unmounted meanwhile. Zygotes change to the app's folder.
  process.chdir('/');
  process.title = `prefork: monitor ${app}`;
  const { listeners, given, inherited } = await openListeners(settings, folder, privileges);
  const scoreboard = Scoreboard.create();
  const handOut = settings.undumpable ? new BoardHandOut(scoreboard.fd) : undefined;
  const manager = takeServiceManager(process.env, process.pid);
  const notifier = manager && new Notifier(manager, (message) => report({ type: 'warning', message }));
  const parent = parentOnChannel(byLibrary, (message) => report({ type: 'warning', message }));
  const report = reporter({ settings, notifier, parent, pidfile: () => pidfile, status: () => status });
  takeNodesMessages(report);
  const monitor = new Monitor({
    origin: {
      ...{ folder, app: settings.app, appPath: app, args, installation, settings, readSettings },
      ...{ inherited, nodeFlags, variablesOfFlags, privileges, early },
      hasOverrides: settings.listen.length + given.length > 0,
      hasSupervisor: parent !== undefined && !byLibrary,
    },
    memoryOf,
    scoreboard,
    listeners,
    report,
    forward: parent?.forward,
    about: { version: installation.own.version, app, args, cwd: folder, startedAt: Date.now() },
  });

  installSignalHandlers(monitor);
  const forgetParent = parent?.followOrders(monitor);
  let pidfile: Pidfile | undefined;
  let status: StatusServer | undefined;
  try {
    // Not before: a signal from here on ends the service in order, and takes the file away.
    pidfile = claimPidfile(ownPath(settings.pidfile, folder));
    for (const message of privilegeWarnings(settings)) report({ type: 'warning', message });
    status = await openStatus(settings, { seen: seenOf(monitor, scoreboard), report, privileges });
    return await monitor.run();
  } finally {
    forgetParent?.();
    notifier?.close();
    handOut?.close();
    await status?.close();
    if (process.connected) process.disconnect();
  }
}

/** The listening sockets that the service has at its start; `given` and `inherited` by their descriptors. */
async function openListeners(settings: Settings, folder: string, { identity }: Privileges) {
  const given = takeActivatedSockets();
  const inherited = inheritedListeners().filter((fd) => !given.includes(fd));
  const pathOf = (path: string) => socketPath(path, folder);
  const options = await listenersOptions(settings, { given, inherited, pathOf, appOwner: identity });
  return { listeners: new Listeners(options), given, inherited };
}

interface Hearers {
  readonly settings: Settings;
  readonly notifier: Notifier | undefined;
  readonly parent: Parent | undefined;
  readonly pidfile: () => Pidfile | undefined;
  readonly status: () => StatusServer | undefined;
}

/** Tells all that want to know: the log, the service manager, the library's caller, and the status page's history. */
function reporter({ settings, notifier, parent, pidfile, status }: Hearers): (event: MonitorEvent) => void {
  const log = eventLog(settings.log);
  const report = (event: MonitorEvent) => {
    const trouble = event.type === 'serving' ? pidfile()?.publish() : undefined;
    if (trouble !== undefined) report({ type: 'warning', message: trouble });
    log(event);
    notifier?.tell(event);
    parent?.tell(event);
    const mark = markOf(event);
    if (mark !== undefined) status()?.mark(mark);
  };
  return report;
}

/** Loads what serves the status only where it is served: it takes as long as all else. */
async function openStatus(settings: Settings, options: StatusStart): Promise<StatusServer | undefined> {
  if (settings.statusPort === undefined) return undefined;
  const { startStatus } = (await importModule(
    codeUrl('monitor/status-start.js'),
  )) as typeof import('./status-start.js');
  return startStatus(settings, options);
}

function seenOf(monitor: Monitor, scoreboard: Scoreboard): Seen {
  const snapshot = () => {
    monitor.refresh();
    return takeSnapshot(scoreboard);
  };
  return { snapshot, served: () => monitor.requests };
}

/**
 * The path of a file that the monitor itself makes: relative to the app's folder as it is at the start. The folder's links
 * are resolved, so that the monitor finds the file again at its end.
 */
function ownPath(path: string | undefined, folder: string): string | undefined {
  return path === undefined ? undefined : pathInRealFolder(logicalPath(folder, path));
}

/** The same for a socket, which has room for a short path only. */
function socketPath(path: string, folder: string): string {
  const logical = logicalPath(folder, path);
  const found = [pathInRealFolder(logical), logical].find(isSocketPath);
  if (found === undefined) throw new Error(`--listen unix:${path}: ${logical} is longer than a socket's path may be`);
  return found;
}
