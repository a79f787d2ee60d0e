import { html, type Markup } from '../../util/markup.js';
import {
  condition,
  count,
  duration,
  isLate,
  mebibytes,
  percent,
  rate,
  reloadText,
  requestRates,
  totalRate,
  workerCells,
} from '../figures.js';
import type { History } from '../history.js';
import type { Status, WorkerStatus } from '../status.js';
import { renderPlots } from './plots.js';

const STATES = ['ready', 'booting', 'draining'] as const;

/** What the page shows: made by the server first, by the page itself from then on. */
export function renderView(status: Status, history: History, earlier?: Status): Markup {
  const rates = requestRates(status, earlier);
  return html`${heading(status)}${summary(status, rates)}${pool(status)}
${renderPlots(history)}${workerTable(status, rates)}${details(status)}`;
}

function heading(status: Status): Markup {
  const { app, args } = status.description;
  const text = condition(status);
  const reload = reloadText(status);
  return html`<header>
<h1>${[app, ...args].join(' ')}</h1>
<p class="${['serving', 'reloading'].includes(text) ? 'good' : 'bad'}">${text}</p>
${reload === undefined ? '' : html`<p class="reload">${reload}</p>`}
</header>`;
}

function summary({ time, description, totals }: Status, rates: Map<number, number>): Markup {
  const waiting = description.listeners.reduce((sum, { queued }) => sum + (queued ?? 0), 0);
  return html`<dl class="tiles">
${tile('workers ready', `${totals.ready} of ${description.target}`)}
${tile('connections', count(totals.connections))}
${tile('requests/s', rate(totalRate(rates)))}
${tile('waiting', count(waiting))}
${tile('memory (PSS)', mebibytes(totals.pss))}
${tile('up', duration(time - description.startedAt))}
</dl>`;
}

function tile(name: string, value: string): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** A square for each worker, filled as far as it is busy. */
function pool({ workers }: Status): Markup {
  const number = (state: string) => workers.filter((worker) => worker.state === state).length;
  return html`<section aria-label="workers by state">
<ul class="pool">${workers.map(square)}</ul>
<p class="legend">${STATES.map((state) => html`<span class="${state}">${number(state)} ${state}</span> `)}</p>
</section>`;
}

function square({ slot, generation, pid, state, busy }: WorkerStatus): Markup {
  const title = `slot ${slot}, generation ${generation}, pid ${pid}: ${state}, ${percent(busy)} busy`;
  return html`<li class="${state}" style="--busy:${percent(busy)}" title="${title}">${slot}</li>`;
}

function workerTable(status: Status, rates: Map<number, number>): Markup {
  return html`<table class="workers">
<thead><tr><th>slot</th><th>gen</th><th>pid</th><th class="word">state</th><th>connections</th><th>accepted</th>
<th>requests</th><th>requests/s</th><th>loop delay</th><th class="word">busy</th><th>up</th><th>memory (PSS)</th></tr></thead>
<tbody>${status.workers.map((worker) => workerRow(worker, status.time, rates.get(worker.record)))}</tbody>
</table>`;
}

function workerRow(worker: WorkerStatus, time: number, perSecond: number | undefined): Markup {
  const { slot, generation, pid, state, connections, accepted, requests, ...shown } = workerCells(
    worker,
    time,
    perSecond,
  );
  return html`<tr>${cell('slot', slot)}${cell('gen', generation)}${cell('pid', pid)}
<td class="word" data-name="state"><span class="${state}">${state}</span></td>
${cell('connections', connections)}${cell('accepted', accepted)}${cell('requests', requests)}
${cell('requests/s', shown.perSecond)}
<td data-name="loop delay"><span class="${isLate(worker) ? 'late' : ''}">${shown.delay}</span></td>
<td class="word" data-name="busy"><span class="bar" style="--busy:${shown.busy}">${shown.busy}</span></td>
${cell('up', shown.up)}${cell('memory (PSS)', shown.memory)}</tr>`;
}

function cell(name: string, value: string): Markup {
  return html`<td data-name="${name}">${value}</td>`;
}

function details({ time, description, monitor, zygote, totals }: Status): Markup {
  const { version, generation, cwd, counters, listeners } = description;
  const memory = (name: string, bytes: number | undefined) => `${name}, ${mebibytes(bytes)}`;
  return html`<dl class="details">
${listeners.map(({ address, queued, backlog }) =>
  detail('listening on', queued === null ? address : `${address}, ${queued} of ${backlog ?? '?'} waiting`),
)}
${detail('folder', cwd)}
${detail('monitor', memory(`pid ${monitor.pid}`, monitor.usage?.pss))}
${detail('zygote', zygote === null ? 'none' : memory(`pid ${zygote.pid}, generation ${zygote.generation}`, zygote.usage?.pss))}
${detail('generation', String(generation))}
${detail('so far', `${counters.forked} forked, ${counters.died} died, ${counters.killed} killed, ${counters.reloads} reloads`)}
${detail('processor time', duration(totals.cpu))}
${detail('prefork', version)}
${detail('as of', `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`)}
</dl>`;
}

function detail(name: string, value: string): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}
