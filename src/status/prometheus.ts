import type { Usage } from '../proc/usage.js';
import type { ProcessStatus, Status, WorkerStatus } from './status.js';

/** Prometheus' text format 0.0.4. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string | number>>;
type Sample = readonly [Labels, number | null];

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sample[];
  /** What samples with equal labels come to: while one worker replaces another, both have its slot and generation. */
  readonly together: (a: number, b: number) => number;
}

const sum = (a: number, b: number) => a + b;

export function renderPrometheus(status: Status): string {
  const metrics = [...serverMetrics(status), ...workerMetrics(status), ...processMetrics(status)];
  return metrics.map(renderMetric).join('');
}

function serverMetrics({ description, totals, workers }: Status): Metric[] {
  const { version, app, counters, reload, listeners } = description;
  const inState = (state: string): Sample => [{ state }, workers.filter((worker) => worker.state === state).length];
  const queued = listeners.map((listener): Sample => [{ address: listener.address }, listener.queued]);
  const backlog = listeners.map((listener): Sample => [{ address: listener.address }, listener.backlog]);
  return [
    gauge('info', 'Always 1; which prefork serves which app.', [[{ version, app }, 1]]),
    gauge('start_time_seconds', 'When the monitor started, in Unix time.', description.startedAt / 1000),
    gauge('generation', 'The generation of the code that serves.', description.generation),
    gauge('stopping', '1 while the whole service ends.', Number(description.stopping)),
    gauge('reload_failed', '1 when the last reload failed.', Number(reload.state === 'failed')),
    gauge('workers', 'Workers that live, by state.', ['booting', 'ready', 'draining'].map(inState)),
    gauge('workers_wanted', 'How many workers there should be.', description.target),
    gauge('connections', 'Open connections of all workers.', totals.connections),
    gauge('listener_queued', 'Connections that wait to be accepted.', queued),
    gauge('listener_backlog', 'How many connections may wait.', backlog),
    counter('workers_forked', 'Workers forked since the monitor started.', counters.forked),
    counter('workers_died', 'Workers that ended without being asked to.', counters.died),
    counter('workers_killed', 'Workers that the monitor had to kill.', counters.killed),
    counter('reloads', 'Reloads since the monitor started.', counters.reloads),
  ];
}

function workerMetrics({ workers }: Status): Metric[] {
  const each = (value: (worker: WorkerStatus) => number | null) =>
    workers.map((worker): Sample => [labelsOf(worker), value(worker)]);
  const started = each(({ startedAt }) => (startedAt === 0 ? null : startedAt / 1000));
  const silence = each((worker) => (worker.silence === null ? null : worker.silence / 1000));
  const delay = each(({ loopDelay }) => loopDelay / 1000);
  const busy = each((worker) => worker.busy);
  return [
    gauge(
      'worker_connections',
      'Connections open now.',
      each(({ connections }) => connections),
    ),
    counter(
      'worker_accepted',
      'Connections accepted.',
      each(({ accepted }) => accepted),
    ),
    counter(
      'worker_requests',
      'Requests received.',
      each(({ requests }) => requests),
    ),
    gauge('worker_start_time_seconds', 'When it started, in Unix time.', started, Math.max),
    gauge('worker_heartbeat_age_seconds', 'Since its event loop last showed that it turns.', silence, Math.max),
    gauge('worker_loop_delay_seconds', 'The longest delay of its event loop of late.', delay, Math.max),
    gauge('worker_busy_ratio', 'The part of the time that its event loop was at work.', busy, Math.max),
  ];
}

function processMetrics({ monitor, zygote, workers }: Status): Metric[] {
  const processes: [Labels, ProcessStatus][] = [
    [{ role: 'monitor' }, monitor],
    ...workers.map((worker): [Labels, ProcessStatus] => [{ role: 'worker', ...labelsOf(worker) }, worker]),
  ];
  if (zygote !== null) processes.push([{ role: 'zygote', generation: zygote.generation }, zygote]);
  const each = (value: (usage: Usage) => number) =>
    processes.map(([labels, { usage }]): Sample => [labels, usage && value(usage)]);
  return [
    gauge(
      'process_pss_bytes',
      'Memory, with shared pages counted in parts.',
      each(({ pss }) => pss),
    ),
    gauge(
      'process_rss_bytes',
      'Memory, with shared pages counted in full.',
      each(({ rss }) => rss),
    ),
    gauge(
      'process_private_bytes',
      'Memory that it shares with no process.',
      each((usage) => usage.private),
    ),
    counter(
      'process_cpu_seconds',
      'Processor time, of user and system.',
      each(({ cpu }) => cpu / 1000),
    ),
  ];
}

function labelsOf({ slot, generation }: WorkerStatus): Labels {
  return { slot, generation };
}

function gauge(name: string, help: string, value: number | readonly Sample[], together = sum): Metric {
  return { name: `prefork_${name}`, type: 'gauge', help, samples: samplesOf(value), together };
}

function counter(name: string, help: string, value: number | readonly Sample[]): Metric {
  return { name: `prefork_${name}_total`, type: 'counter', help, samples: samplesOf(value), together: sum };
}

function samplesOf(value: number | readonly Sample[]): readonly Sample[] {
  return typeof value === 'number' ? [[{}, value]] : value;
}

function renderMetric({ name, type, help, samples, together }: Metric): string {
  const values = new Map<string, number>();
  for (const [labels, value] of samples) {
    if (value === null) continue;
    const key = renderLabels(labels);
    const before = values.get(key);
    values.set(key, before === undefined ? value : together(before, value));
  }
  const lines = [...values].map(([labels, value]) => `${name}${labels} ${value}\n`);
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
