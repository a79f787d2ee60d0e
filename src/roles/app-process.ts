import { Clients } from '../app/clients.js';
import { withoutServer } from '../app/examine/index.js';
import { HttpTraffic } from '../app/http.js';
import { ListenHook } from '../app/listen.js';
import type { BlockingChannel } from '../channel/blocking.js';
import type { NodeFlags } from '../policy/node-flags.js';
import type { Scoreboard } from '../scoreboard/scoreboard.js';

/** What the monitor tells the zygote at its start. */
export interface AppOptions {
  /** The monitor's process id. */
  readonly monitor: number;
  readonly generation: number;
  /** The app's absolute path, as Node would have it in process.argv. */
  readonly app: string;
  /** The same as it was given, by links that are not resolved. */
  readonly appPath: string;
  readonly preload: boolean;
  readonly preloadModules: readonly string[];
  readonly concurrency: number;
  readonly backlog: number | undefined;
  /** Milliseconds. */
  readonly spawnTimeout: number;
  readonly grace: number;
  readonly streamGrace: number;
  readonly allowSharedSockets: boolean;
  /** The service has sockets for the app's first server: by --listen, or from a service manager. */
  readonly hasOverrides: boolean;
  /** The permissions of paths, when they are not the app's to set. */
  readonly socketMode: number | undefined;
  /** Listening sockets that the app may name by descriptor, as it may under plain node. */
  readonly inherited: readonly number[];
  /** Those that Node would run the app with. */
  readonly nodeFlags: NodeFlags;
  /** The monitor's parent has opened an IPC channel for the app. */
  readonly hasSupervisor: boolean;
}

/** What the zygote has and its workers inherit. */
export class AppProcess {
  readonly clients: Clients;
  readonly traffic: HttpTraffic;
  readonly listening: ListenHook;
  /** The app's file, from when the zygote has found it: all workers of a generation load the same one. */
  file: string | undefined;
  /** The monitor knows how this process fares: it serves, or has said why it does not. */
  settled = false;

  constructor(
    readonly options: AppOptions,
    readonly scoreboard: Scoreboard,
    /** The zygote's; in a worker its own. */
    public channel: BlockingChannel,
  ) {
    this.clients = new Clients(options.concurrency);
    this.traffic = new HttpTraffic(this.clients);
    this.listening = new ListenHook({
      channel: () => this.channel,
      clients: this.clients,
      backlog: options.backlog,
      hasOverrides: options.hasOverrides,
      fixedMode: options.socketMode !== undefined,
      inherited: options.inherited,
      warn: (message) => this.channel.send({ type: 'warning', message }),
      onServer: (server) => this.traffic.watch(server),
      onFailure: () => {
        // Said at once: a worker that waits for nothing is killed in the end, and cannot say it then.
        if (!this.settled) this.channel.send({ type: 'cannot listen', reasons: this.listening.failures.all });
      },
    });
  }

  /** Has the monitor told why this process ends, when it ends without having come to serve. */
  explainEnd(): void {
    process.on('exit', (status) => {
      const failures = this.listening.failures.all;
      // With another status the app has its own reason, which it may have said on standard error.
      if (this.settled || (status !== 0 && failures.length === 0)) return;
      this.channel.send({ type: 'refused', reasons: withoutServer(failures) });
      process.exitCode = status || 1;
    });
  }
}
