import type { ProcessStatus, Status, WorkerStatus } from './status.js';
import type { Usage } from './usage.js';

/** Prometheus' text format 0.0.4. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string | number>>;

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** How samples with equal labels go together: while one worker replaces another, both have its slot and generation. */
  readonly together?: 'sum' | 'max';
  readonly samples: readonly (readonly [Labels, number | null | undefined])[];
}

export function renderPrometheus(status: Status): string {
  const metrics = [...serverMetrics(status), ...workerMetrics(status.workers), ...processMetrics(status)];
  return metrics.map(renderMetric).join('');
}

function serverMetrics({ description, totals, workers }: Status): Metric[] {
  const { version, app, counters, reload, listeners } = description;
  const gauge = (name: string, help: string, samples: Metric['samples']): Metric => ({
    name,
    type: 'gauge',
    help,
    samples,
  });
  const counter = (name: string, help: string, value: number): Metric => ({
    name: `${name}_total`,
    type: 'counter',
    help,
    samples: [[{}, value]],
  });
  const states = ['booting', 'ready', 'draining'].map(
    (state) => [{ state }, workers.filter((worker) => worker.state === state).length] as const,
  );
  return [
    gauge('info', 'Always 1; which prefork serves which app.', [[{ version, app }, 1]]),
    gauge('start_time_seconds', 'When the monitor started, in Unix time.', [[{}, description.startedAt / 1000]]),
    gauge('generation', 'The generation of the code that serves.', [[{}, description.generation]]),
    gauge('stopping', '1 while the whole service ends.', [[{}, Number(description.stopping)]]),
    gauge('reload_failed', '1 when the last reload failed.', [[{}, Number(reload.state === 'failed')]]),
    gauge('workers', 'Workers that live, by state.', states),
    gauge('workers_wanted', 'How many workers there should be.', [[{}, description.target]]),
    gauge('connections', 'Open connections of all workers.', [[{}, totals.connections]]),
    gauge(
      'listener_queued',
      'Connections that wait to be accepted.',
      listeners.map(({ address, queued }) => [{ address }, queued]),
    ),
    gauge(
      'listener_backlog',
      'How many connections may wait.',
      listeners.map(({ address, backlog }) => [{ address }, backlog]),
    ),
    counter('workers_forked', 'Workers forked since the monitor started.', counters.forked),
    counter('workers_died', 'Workers that ended without being asked to.', counters.died),
    counter('workers_killed', 'Workers that the monitor had to kill.', counters.killed),
    counter('reloads', 'Reloads since the monitor started.', counters.reloads),
  ];
}

function workerMetrics(workers: readonly WorkerStatus[]): Metric[] {
  const metric = (
    [name, type, together]: [string, Metric['type'], NonNullable<Metric['together']>],
    help: string,
    value: (worker: WorkerStatus) => number | null,
  ): Metric => ({
    name: `worker_${name}`,
    type,
    help,
    together,
    samples: workers.map((worker) => [labelsOf(worker), value(worker)]),
  });
  return [
    metric(['connections', 'gauge', 'sum'], 'Connections open now.', (worker) => worker.connections),
    metric(['accepted_total', 'counter', 'sum'], 'Connections accepted.', (worker) => worker.accepted),
    metric(['requests_total', 'counter', 'sum'], 'Requests received.', (worker) => worker.requests),
    metric(
      ['start_time_seconds', 'gauge', 'max'],
      'When it started, in Unix time.',
      (worker) => worker.startedAt / 1000,
    ),
    metric(
      ['heartbeat_age_seconds', 'gauge', 'max'],
      'How long ago its event loop showed that it turns.',
      ({ silence }) => (silence === null ? null : silence / 1000),
    ),
    metric(
      ['loop_delay_seconds', 'gauge', 'max'],
      'The longest delay of its event loop of late.',
      (worker) => worker.loopDelay / 1000,
    ),
    metric(
      ['busy_ratio', 'gauge', 'max'],
      'The part of the time that its event loop was at work of late.',
      (worker) => worker.busy,
    ),
  ];
}

function processMetrics({ monitor, zygote, workers }: Status): Metric[] {
  const processes: [Labels, ProcessStatus][] = [
    [{ role: 'monitor' }, monitor],
    ...(zygote === null
      ? []
      : [[{ role: 'zygote', generation: zygote.generation }, zygote] as [Labels, ProcessStatus]]),
    ...workers.map((worker): [Labels, ProcessStatus] => [{ role: 'worker', ...labelsOf(worker) }, worker]),
  ];
  const metric = (name: string, type: Metric['type'], help: string, value: (usage: Usage) => number): Metric => ({
    name: `process_${name}`,
    type,
    help,
    samples: processes.map(([labels, { usage }]) => [labels, usage && value(usage)]),
  });
  return [
    metric('pss_bytes', 'gauge', 'Memory, with shared pages counted in parts.', ({ pss }) => pss),
    metric('rss_bytes', 'gauge', 'Memory, with shared pages counted in full.', ({ rss }) => rss),
    metric('private_bytes', 'gauge', 'Memory that it shares with no process.', (usage) => usage.private),
    metric('cpu_seconds_total', 'counter', 'Processor time, of user and system.', ({ cpu }) => cpu / 1000),
  ];
}

function labelsOf({ slot, generation }: WorkerStatus): Labels {
  return { slot, generation };
}

function renderMetric({ name, type, help, together = 'sum', samples }: Metric): string {
  const values = new Map<string, number>();
  for (const [labels, value] of samples) {
    if (value === null || value === undefined) continue;
    const key = renderLabels(labels);
    const before = values.get(key);
    values.set(key, before === undefined ? value : together === 'sum' ? before + value : Math.max(before, value));
  }
  const full = `prefork_${name}`;
  const lines = [...values].map(([labels, value]) => `${full}${labels} ${value}\n`);
  return lines.length === 0 ? '' : `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
