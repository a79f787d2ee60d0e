import type { HoldRequest } from '../../channel/messages.js';
import { placed } from '../../fork-safety/index.js';
import { _exit } from '../../posix/index.js';
import type { AppProcess } from '../app-process.js';
import type { Observed } from '../observed.js';

// The ends of a process that loads the app and cannot be forked: it tells the monitor why, or how to load the app instead.

/** This process ends by itself, and has told the monitor why. */
let hasSaidWhy = false;

/** Ends this process, which cannot be forked. */
export function refuse(app: AppProcess, reasons: readonly string[]): never {
  app.hasReported = true;
  app.channel.send({ type: 'refused', reasons });
  return end();
}

/** Has the app loaded once more, with connects held. */
export function askToHold(app: AppProcess, request: HoldRequest): never {
  app.hasReported = true;
  app.channel.send({ type: 'hold', ...request });
  return end();
}

/** Runs the app's own listeners, but does not wait for threads of native code: they may be what keeps it from a fork. */
function end(): never {
  hasSaidWhy = true;
  process.on('exit', () => _exit(1));
  return process.exit(1);
}

/**
 * An app that fails while it is loaded, and has found no peer at some destination, is loaded once more with these
 * connects held: its workers then fail as under plain node, and are forked again.
 * @returns to be called when the app is loaded
 */
export function watchFailure(app: AppProcess, { recording, threads }: Observed): () => void {
  const { channel, passed } = app;
  const exits = (status: number) => {
    if (hasSaidWhy) return;
    const connects = [...placed(passed?.failed ?? [], recording), ...threads.failed];
    if (status === 0 || connects.length === 0) return;
    app.hasReported = true;
    channel.send({ type: 'hold', cause: 'failed', connects });
  };
  if (passed !== undefined) process.on('exit', exits);
  return () => {
    process.off('exit', exits);
    passed?.clear();
  };
}
