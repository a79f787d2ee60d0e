import { printable } from '../util/printable.js';
import { count, duration, mebibytes, rate } from '../util/quantities.js';
import { condition, reloadText, requestRates, totalRate, workerCells } from './figures.js';
import type { Status } from './status.js';

type Row = readonly string[];

/** For a terminal; with requests per second when there is an earlier status. */
export function renderText(status: Status, earlier?: Status): string {
  return `${[...header(status), '', ...table(rows(status, earlier))].join('\n')}\n`;
}

function header(status: Status): string[] {
  const { description, monitor, workers, totals, time } = status;
  const { counters } = description;
  const reload = reloadText(status);
  return [
    `prefork ${shown(description.version)}: ${[description.app, ...description.args].map(shown).join(' ')}`,
    `monitor ${monitor.pid}, generation ${description.generation}, up ${duration(time - description.startedAt)}`,
    `${condition(status)}: ${totals.ready} of ${description.target} workers ready, ${workers.length} alive`,
    ...(reload === undefined ? [] : [shown(reload)]),
    ...description.listeners.map((listener) => `listening on ${shown(listener.address)}${queue(listener)}`),
    memory(status),
    `${counters.forked} forked, ${counters.died} died, ${counters.killed} killed, ${counters.reloads} reloads`,
  ];
}

function memory({ totals, monitor, zygote, workers }: Status): string {
  // The usage of another user's processes, and of those not dumpable, may not be read.
  const isSeen = [monitor, zygote, ...workers].some((process) => process?.usage != null);
  if (!isSeen) return 'the memory of its processes may not be read';
  return `memory ${mebibytes(totals.pss)} (PSS): monitor ${mebibytes(monitor.usage?.pss)}, zygote ${mebibytes(zygote?.usage?.pss)}`;
}

function queue({ queued, backlog }: Status['description']['listeners'][number]): string {
  return queued === null ? '' : `, ${queued}${backlog === null ? '' : ` of ${backlog}`} waiting`;
}

function rows(status: Status, earlier: Status | undefined): Row[] {
  const rates = requestRates(status, earlier);
  const { totals } = status;
  const withRate = (cell: string) => (earlier === undefined ? [] : [cell]);
  return [
    [
      'SLOT',
      'GEN',
      'PID',
      'STATE',
      'CONNS',
      'ACCEPTED',
      'REQUESTS',
      ...withRate('REQ/S'),
      'DELAY',
      'BUSY',
      'UP',
      'PSS',
    ],
    ...status.workers.map((worker) => workerRow(workerCells(worker, status.time, rates.get(worker.record)), withRate)),
    [
      'all',
      '',
      '',
      '',
      count(totals.connections),
      count(totals.accepted),
      count(totals.requests),
      ...withRate(rate(totalRate(rates) ?? 0)),
    ],
  ];
}

function workerRow(cells: ReturnType<typeof workerCells>, withRate: (cell: string) => Row): Row {
  const { slot, generation, pid, state, connections, accepted, requests, perSecond, delay, busy, up, memory } = cells;
  return [
    slot,
    generation,
    pid,
    state,
    connections,
    accepted,
    requests,
    ...withRate(perSecond),
    delay,
    busy,
    up,
    memory,
  ];
}

/** Numbers to the right; the state, a word, to the left. */
function table(cells: readonly Row[]): string[] {
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const align = (cell: string, column: number) =>
    column === 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return cells.map((row) => row.map(align).join('  ').trimEnd());
}

/** Names may hold what would garble a terminal. */
function shown(text: string): string {
  return printable(Buffer.from(text), 1000);
}
