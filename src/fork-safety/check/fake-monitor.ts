import type { MonitorChannel } from '../../app/app-process.js';
import type { Awaited, ListenRequest, ToMonitor } from '../../channel/messages.js';
import { socketAddress } from '../../net/address.js';
import { type Address, close, listen, writeAll } from '../../posix/index.js';
import type { CheckMessage } from './messages.js';
import { packageHabits } from './packages.js';

/**
 * Stands in for the monitor: it tells the command what the app's process has to say, and gives a server a free port of
 * its own, since the app may be running elsewhere.
 */
export class FakeMonitor implements MonitorChannel {
  /** What the app's process has warned of. */
  readonly warnings: string[] = [];
  readonly #replies: Awaited[] = [];
  readonly #descriptors: number[] = [];

  /** @param fd where the messages to the command go: the only socket that is not the app's */
  constructor(readonly fd: number) {}

  tell(message: CheckMessage): void {
    writeAll(this.fd, `${JSON.stringify(message)}\n`);
  }

  send(message: ToMonitor): void {
    switch (message.type) {
      case 'listen':
        this.#listen(message);
        break;
      case 'serves':
        this.#replies.push({ type: 'serves', answer: false });
        break;
      case 'once':
        // No worker runs what one of them is to run: it may be another one.
        this.#replies.push({ type: 'turn', turn: 'done' });
        break;
      case 'warning':
        this.warnings.push(message.message);
        break;
      case 'refused':
        this.tell({ type: 'unsettled', reasons: message.reasons });
        break;
      case 'hold': {
        // An app that has failed has not loaded all that it would.
        const findings = message.cause === 'open' ? packageHabits() : [];
        this.tell({ type: 'hold', destinations: message.connects.map(({ destination }) => destination), findings });
      }
    }
  }

  sendToParent(): void {}

  receive(): Awaited | undefined {
    return this.#replies.shift();
  }

  take(count: number): number[] {
    return this.#descriptors.splice(0, count);
  }

  close(): void {
    close(this.fd);
  }

  #listen({ address }: ListenRequest): void {
    const bound = listen({ host: '127.0.0.1' });
    this.#descriptors.push(bound.fd);
    const asked = asAsked(address, bound.address);
    const socket = { id: bound.fd, address: asked, hold: 'own', given: false } as const;
    this.#replies.push({ type: 'listening', sockets: [socket], address: asked });
  }
}

function asAsked(address: ListenRequest['address'], free: Address): Address {
  const isAnyPort = 'port' in address && address.port === 0 && 'port' in free;
  return socketAddress(isAnyPort ? { ...address, port: free.port } : address);
}
