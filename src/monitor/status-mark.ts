import type { MarkType } from '../status/index.js';
import { printable } from '../util/printable.js';
import type { MonitorEvent, ProcessRef } from './events.js';

/** The longest text of a mark: some of it may be the app's own words. */
const MAX_TEXT_BYTES = 200;

/** What the status page's plots show of an event; undefined where they show nothing. */
export function markOf(event: MonitorEvent): { readonly type: MarkType; readonly text: string } | undefined {
  const found = typeAndText(event);
  return found && { type: found[0], text: printable(Buffer.from(found[1]), MAX_TEXT_BYTES) };
}

function typeAndText(event: MonitorEvent): [MarkType, string] | undefined {
  switch (event.type) {
    case 'worker died':
      return event.expected ? undefined : ['died', `${nameOf(event)} died (${event.how})`];
    case 'worker killed':
      return ['died', `${nameOf(event)} is killed: ${event.reason}`];
    case 'zygote died':
      return ['died', `the zygote${pidOf(event)} ended with ${event.how}`];
    case 'reload begins':
      return ['reload begins', `the reload as generation ${event.generation} begins`];
    case 'reloaded':
      return ['reloaded', `generation ${event.generation} serves`];
    case 'reload failed':
      return ['reload failed', `the reload as generation ${event.generation} failed: ${event.reason}`];
    default:
      return undefined;
  }
}

function nameOf(ref: ProcessRef): string {
  return `worker ${ref.slot}${pidOf(ref)}`;
}

function pidOf({ pid }: ProcessRef): string {
  return pid === undefined ? '' : ` (pid ${pid})`;
}
