import type { BlockingChannel } from '../channel/blocking.js';
import type { AppOptions } from '../channel/launch.js';
import type { Awaited, ToMonitor, Turn } from '../channel/messages.js';
import { withoutServer } from '../fork-safety/index.js';
import { replaceLostTerminals } from '../posix/lost-terminals.js';
import type { Scoreboard } from '../scoreboard/scoreboard.js';
import { ConnectHook } from './connecting/connect-hook.js';
import { ConnectRecord } from './connecting/connect-record.js';
import { serverAt } from './connecting/own-server.js';
import { SiblingServers } from './connecting/sibling-servers.js';
import { ListenHook } from './listening/listen-hook.js';
import { OnceGate } from './once.js';
import { ClientTimeout } from './serving/client-timeout.js';
import { Clients } from './serving/clients.js';
import { HttpTraffic, isHttp } from './serving/http.js';

/** How long, in milliseconds, a client may be silent that keeps others out. */
const CLIENT_TIMEOUT_MS = 5000;

/** The app's end of a channel to the monitor, or to what stands in for it. */
export type MonitorChannel = Pick<BlockingChannel, 'fd' | 'send' | 'sendToParent' | 'receive' | 'take' | 'close'>;

/** What the zygote has and its workers inherit. */
export class AppProcess {
  readonly clients: Clients;
  readonly traffic: HttpTraffic;
  readonly clientTimeout: ClientTimeout;
  readonly listening: ListenHook;
  /** The app's file, from when the zygote has found it: all workers of a generation load the same one. */
  file: string | undefined;
  /** The monitor knows how this process fares: it serves, or has said why it does not. */
  hasReported = false;
  /** The app is loaded in this process: the zygote, or a worker of its own. */
  isLoading = true;
  readonly connects: ConnectHook;
  /** Kept as long as the zygote may ask for connects to be held. */
  readonly passed: ConnectRecord | undefined;
  readonly once: OnceGate;

  constructor(
    readonly options: AppOptions,
    readonly scoreboard: Pick<Scoreboard, 'stopping'>,
    /** The zygote's; in a worker its own. */
    public channel: MonitorChannel,
    /** When it was known what this process is to load, as performance.now() has it: 0 is the start of the process. */
    readonly launchedAt = 0,
  ) {
    this.clients = new Clients(options.concurrency);
    this.traffic = new HttpTraffic(this.clients);
    const { clientTimeout = options.concurrency > 0 ? CLIENT_TIMEOUT_MS : 0 } = options;
    this.clientTimeout = new ClientTimeout(clientTimeout);
    this.listening = new ListenHook({
      channel: () => this.channel,
      clients: this.clients,
      backlog: options.backlog,
      hasOverrides: options.hasOverrides,
      fixedMode: options.socketMode !== undefined,
      inherited: options.inherited,
      warn: (message) => this.channel.send({ type: 'warning', message }),
      onServer: (server, handle) => {
        this.traffic.watch(server);
        this.clientTimeout.watch(server, this.traffic);
        if (options.deferAccept && isHttp(server)) handle.deferAccept();
      },
      onFailure: () => {
        // Said at once: a worker that waits for nothing is killed in the end, and cannot say it then.
        if (!this.hasReported) this.channel.send({ type: 'cannot listen', reasons: this.listening.failures.all });
      },
    });
    const passed = options.mayAskToHold ? new ConnectRecord() : undefined;
    this.passed = passed;
    const siblings = new SiblingServers((destination) => isServed(this.channel, destination));
    this.connects = new ConnectHook({
      hold: options.hold,
      ...(passed && { passing: (...each) => passed.add(...each) }),
      ownServer: (destination) => serverAt(destination, this.listening.handles),
      refuses: (destination) => this.isLoading && siblings.listenAt(destination),
    });
    this.once = new OnceGate({
      ask: (name) => askForTurn(this.channel, name),
      ended: (name, error) => this.channel.send({ type: 'once ended', name, error }),
    });
  }

  /** Has the monitor told why this process ends, when it ends without having come to serve; and has it end without harm. */
  explainEnd(): void {
    process.on('exit', (status) => {
      replaceLostTerminals();
      const { all, reasons } = this.listening.failures;
      // With another status the app has its own reason, which it may have said on standard error.
      if (this.hasReported || (status !== 0 && all.length === 0)) return;
      this.channel.send({ type: 'refused', reasons: withoutServer(reasons) });
      process.exitCode = status || 1;
    });
  }
}

function askForTurn(channel: MonitorChannel, name: string): Turn {
  const reply = ask(channel, { type: 'once', name });
  if (reply.type !== 'turn') process.exit(1);
  return reply;
}

function isServed(channel: MonitorChannel, destination: string): boolean {
  const reply = ask(channel, { type: 'serves', destination });
  if (reply.type !== 'serves') process.exit(1);
  return reply.answer;
}

/** Blocks: the monitor answers at once. Where it is gone, so is this process. */
function ask(channel: MonitorChannel, question: ToMonitor): Awaited {
  channel.send(question);
  return channel.receive() ?? process.exit(1);
}
