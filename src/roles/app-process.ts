import { Clients } from '../app/clients.js';
import { ConnectHook } from '../app/connect.js';
import { ConnectRecord } from '../app/connect-record.js';
import { HttpTraffic } from '../app/http.js';
import { ListenHook } from '../app/listen.js';
import { OnceGate } from '../app/once.js';
import type { BlockingChannel } from '../channel/blocking.js';
import type { LoadPlan } from '../policy/holds.js';
import type { Turn } from '../policy/turns.js';
import type { Scoreboard } from '../scoreboard/scoreboard.js';

/** What the monitor tells the zygote at its start. */
export interface AppOptions extends LoadPlan {
  /** The monitor's process id. */
  readonly monitor: number;
  readonly generation: number;
  /** The app's absolute path. */
  readonly app: string;
  readonly preload: boolean;
  readonly preloadModules: readonly string[];
  readonly concurrency: number;
  readonly backlog: number | undefined;
  /** Milliseconds. */
  readonly spawnTimeout: number;
  readonly grace: number;
  readonly allowSharedSockets: boolean;
  /** Listening sockets that the app may name by descriptor, as it may under plain node. */
  readonly inherited: readonly number[];
}

/** What the zygote has and its workers inherit. */
export class AppProcess {
  readonly clients: Clients;
  readonly traffic: HttpTraffic;
  readonly listening: ListenHook;
  readonly connects: ConnectHook;
  /** Kept as long as the zygote may ask for connects to be held. */
  readonly passed: ConnectRecord | undefined;
  readonly once: OnceGate;

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
    const passed = options.mayAskToHold ? new ConnectRecord() : undefined;
    this.passed = passed;
    this.connects = new ConnectHook({
      hold: options.hold,
      ...(passed && { passing: (...each) => passed.add(...each) }),
    });
    this.once = new OnceGate({
      ask: (name) => askForTurn(this.channel, name),
      ended: (name, error) => this.channel.send({ type: 'once ended', name, error }),
    });
  }
}

/** Blocks: the monitor answers at once. */
function askForTurn(channel: BlockingChannel, name: string): Turn {
  channel.send({ type: 'once', name });
  const reply = channel.receive();
  // The monitor is gone, and this process with it.
  if (reply?.type !== 'turn') process.exit(1);
  return reply;
}
