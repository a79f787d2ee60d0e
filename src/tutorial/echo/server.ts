import { addressText } from '../../net/address.js';
import { type Accepted, type Address, accept, acceptFd } from '../../posix/index.js';
import { printable } from '../../util/printable.js';
import { runChild, type Service } from './child.js';
import type { Limits } from './conversation.js';
import { childLog, type Log, parentLog } from './log.js';
import { type Child, Parent } from './parent.js';
import { serve } from './serve.js';

const STDOUT = 1;
const STDERR = 2;
/** How many bytes of a line are logged: even when each is shown as '\xff', the log's line stays under PIPE_BUF. */
const SHOWN = 960;

export interface ServerOptions {
  /** The listening socket. */
  readonly listener: number;
  readonly address: Address;
  readonly workers: number;
  readonly limits: Limits;
  /** Logs no clients and no lines. */
  readonly quiet: boolean;
}

/** The prefork echo server, from its first fork to its exit status. */
export function runServer(options: ServerOptions): Promise<number> {
  const parent = new Parent({
    workers: options.workers,
    work: (child) => work(child, options),
    report: parentLog(STDERR),
  });
  const log = parentLog(STDOUT);
  return parent.run((children) =>
    log(`Listening on ${addressText(options.address)}, parent ${process.pid}, children ${children.join(' ')}`),
  );
}

function work(child: Child, { listener, limits, quiet }: ServerOptions): never {
  const report = childLog(STDERR, nameOf(child));
  return quiet
    ? runChild(child, silent(listener, limits), report)
    : runChild(child, logged(child, listener, limits, report), report);
}

// With --quiet, no line is built that will not be written.
function silent(listener: number, limits: Limits): Service<number> {
  return {
    accepting: () => {},
    accept: () => acceptFd(listener),
    serve: (fd) => serve(fd, limits),
  };
}

function logged(child: Child, listener: number, limits: Limits, report: Log): Service<Accepted> {
  const name = nameOf(child);
  const log = childLog(STDOUT, name, (reason) => report(`${name} serves on without a log: ${reason}`));
  return {
    accepting: () => log(`${name} accepting...`),
    accept: () => accept(listener),
    serve: ({ fd, address }) => {
      log(`${name} accepted a client! (${addressText(address)})`);
      const why = serve(fd, limits, (line) => log(`${name} received: ${printable(line, SHOWN)}`));
      log(`${name} closed a connection!${why === undefined ? '' : ` (${why})`}`);
    },
  };
}

function nameOf({ pid }: Child): string {
  return `Child ${pid}`;
}
