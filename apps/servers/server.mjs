import { start } from '../harness/processes.mjs';
import { eventually, GivenUp } from '../harness/wait.mjs';

/** RabbitMQ takes several seconds to start, and longer on a busy machine. */
const START_MILLISECONDS = 90_000;
const STOP_MILLISECONDS = 30_000;

/**
 * A server of a Debian package as a process of its own: subclasses say how it is started and when it serves.
 * It runs as an ordinary user, on loopback, with its data in a folder of its own.
 */
export class Server {
  /** @param folder its own, which exists and is writable for it  @param port of 127.0.0.1, the same after a restart */
  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
  }

  /** Makes what it needs before its first start. */
  async prepare() {}

  /** @returns {{ program: string, args: string[], env?: object }} */
  command() {
    throw new Error('not implemented');
  }

  /** Rejects as long as it does not serve. */
  async answers() {
    throw new Error('not implemented');
  }

  /** Empties it, for the next app. */
  async reset() {}

  /** The signal that ends it at once, though in good order. */
  get stopSignal() {
    return 'SIGTERM';
  }

  async start() {
    const { program, args, env } = this.command();
    this.process = start(program, args, { ordinary: true, cwd: this.folder, env: { HOME: this.folder, ...env } });
    await eventually(`${program} serves`, START_MILLISECONDS, async () => {
      if (!this.process.isRunning) {
        const { stdout, stderr } = this.process;
        throw new GivenUp(`${program} ended at its start:\n${stdout.text}${stderr.text}`);
      }
      await this.answers();
      return true;
    });
  }

  get isRunning() {
    return this.process?.isRunning ?? false;
  }

  async stop() {
    if (!this.isRunning) return;
    this.process.signal(this.stopSignal);
    const timer = setTimeout(() => this.process.signal('SIGKILL'), STOP_MILLISECONDS);
    await this.process.ended;
    clearTimeout(timer);
  }
}
