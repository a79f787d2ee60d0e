import type { Compaction } from '../channel/messages.js';
import { LineOutput, lostText } from '../output/line-output.js';
import { mebibytes } from '../util/quantities.js';
import type { MonitorEvent, ProcessRef } from './events.js';
import { heldText, holdText } from './hold-text.js';
import { logText } from './policy/log-lines.js';

const STDERR = 2;
/** How long a reader who reads may take, when the log is full. */
const WRITE_TIMEOUT_MS = 20;
/** How long the fields of an event may be as JSON, in characters, beside its text. */
const MAX_FIELDS_LENGTH = 100_000;

export type LogFormat = 'plain' | 'json';

/**
 * Writes one line about each event to standard error. The monitor has workers to look after and never waits for a reader
 * who does not read: lines for which there is no room are counted, and the log says how many when there is room again.
 */
export function eventLog(format: LogFormat): (event: MonitorEvent) => void {
  const line = format === 'json' ? jsonLine : plainLine;
  const output = new LineOutput(STDERR, {
    timeoutMs: WRITE_TIMEOUT_MS,
    lostLine: (count, error) => line({ type: 'warning', message: lostText(count, error) }),
  });
  return (event) => output.write(line(event));
}

function jsonLine(event: MonitorEvent): string {
  const { type, ...rest } = event;
  const time = new Date().toISOString();
  return JSON.stringify({
    time,
    level: levelOf(event),
    role: roleOf(event),
    event: type,
    message: logText(text(event)),
    ...(!isOfWorker(event) && { pid: process.pid }), // The monitor's; a zygote's own follows.
    ...cut(rest),
  });
}

/** The event's own fields; one whose text was cut is not told beside it. */
function cut(fields: object): object {
  const { message: _, ...rest } = fields as { readonly message?: unknown };
  const isLong = JSON.stringify(rest).length > MAX_FIELDS_LENGTH;
  return isLong ? {} : rest;
}

function plainLine(event: MonitorEvent): string {
  const about: ProcessRef = 'pid' in event || 'slot' in event ? event : {};
  const { slot, generation } = about;
  // A worker that has not come about has none.
  const pid = about.pid ?? (isOfWorker(event) ? undefined : process.pid);
  const role = roleOf(event);
  const identity = [
    role,
    slot !== undefined && `${slot}`,
    role !== 'monitor' && generation !== undefined && `gen ${generation}`,
    pid !== undefined && `pid ${pid}`,
  ];
  return `[prefork] ${identity.filter(Boolean).join(' ')}: ${logText(text(event))}`;
}

function isOfWorker(event: MonitorEvent): boolean {
  return 'slot' in event && event.slot !== undefined;
}

function roleOf(event: MonitorEvent): 'monitor' | 'zygote' | 'worker' {
  if (isOfWorker(event)) return 'worker';
  return 'pid' in event && event.pid !== undefined ? 'zygote' : 'monitor';
}

function levelOf(event: MonitorEvent): 'info' | 'warn' | 'error' {
  switch (event.type) {
    case 'load failed':
    case 'reload failed':
    case 'worker killed':
    case 'zygote died':
    case 'failed':
      return 'error';
    case 'worker died':
      return event.expected ? 'info' : 'error';
    case 'warning':
      return 'warn';
    default:
      return 'info';
  }
}

function text(event: MonitorEvent): string {
  switch (event.type) {
    case 'loaded':
      return `the app is loaded, after ${Math.round(event.milliseconds)} ms${event.file ? `, from ${event.file}` : ''}; ${sharedText(event)}${compactionText(event.compaction)}${heldText(event.held)}`;
    case 'connects held':
      return holdText(event);
    case 'load failed':
      return `the app failed to load: ${event.reasons.join('\n  ')}`;
    case 'zygote died':
      return `ended with ${event.how}; another one loads the app`;
    case 'worker ready':
      return `ready in ${Math.round(event.milliseconds)} ms`;
    case 'worker leaves':
      return `stopping: ${event.reason}`;
    case 'worker killed':
      return `is killed: ${event.reason}`;
    case 'worker died':
      return event.expected ? `exited (${event.how})` : `died (${event.how})`;
    case 'serving':
      return `serving on ${event.addresses.join(', ') || 'no address'} with ${workersText(event.workers)}`;
    case 'status served':
      return `status on ${event.url}`;
    case 'scaled':
      return `target is ${workersText(event.workers)}`;
    case 'reload begins':
      return `reload: generation ${event.generation} is loaded beside the present one`;
    case 'reloaded':
      return `reload: generation ${event.generation} serves`;
    case 'reload failed':
      return `reload: generation ${event.generation} failed, ${event.reason}; the present one serves on`;
    case 'warning':
      return event.message;
    case 'failed':
      return `the monitor fails, and ends: ${event.stack}`;
    case 'stopping':
      return `stopping: ${event.reason}`;
    case 'stopped':
      return `stopped with exit status ${event.status}`;
  }
}

function workersText(count: number): string {
  return count === 1 ? '1 worker' : `${count} workers`;
}

/** What all workers have from the zygote. */
function sharedText({ sharedBytes }: Extract<MonitorEvent, { type: 'loaded' }>): string {
  return `${mebibytes(sharedBytes)} are shared by its workers`;
}

function compactionText(compaction: Compaction | undefined): string {
  if (compaction === undefined) return '';
  const { before, after, milliseconds } = compaction;
  return `; its heap was fragmented: ${mebibytes(before)} were compacted to ${mebibytes(after)} in ${Math.round(milliseconds)} ms`;
}
