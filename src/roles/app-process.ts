import { Clients } from '../app/clients.js';
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
      warn: (message) => this.channel.send({ type: 'warning', message }),
      onServer: (server) => this.traffic.watch(server),
    });
  }
}
