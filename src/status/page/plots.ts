import { html, type Markup } from '../../util/markup.js';
import { count, duration, mebibytes, milliseconds, rate } from '../figures.js';
import type { History, HistoryPoint, Mark, MarkType } from '../history.js';
import { barPath, className, edges, largest, linePath, marksOf, newest, renderPlot, type Value } from './plot.js';

/** Milliseconds that the plots show: at first, and in the end. */
const LEAST = 60_000;
const MOST = 15 * 60_000;
/** Points that may be missing before a line is interrupted; memory is known of each third point only. */
const MISSING = 4;
/** The most that are listed below the plots. */
const LISTED = 20;

interface Series {
  readonly name: string;
  readonly value: (point: HistoryPoint) => number | null;
  readonly text: (value: number) => string;
  /** In a minute's row of the table. */
  readonly together: 'largest' | 'sum';
}

const SERIES: readonly Series[] = [
  { name: 'requests/s', value: ({ requests }) => requests, text: rate, together: 'largest' },
  { name: 'connections', value: ({ connections }) => connections, text: count, together: 'largest' },
  { name: 'memory (PSS)', value: ({ memory }) => memory, text: mebibytes, together: 'largest' },
  { name: 'loop delay', value: ({ loopDelay }) => loopDelay, text: milliseconds, together: 'largest' },
  { name: 'workers forked', value: ({ forked }) => forked, text: count, together: 'sum' },
];

const MARKS: Readonly<Record<MarkType, string>> = {
  died: 'a process died',
  'reload begins': 'a reload began',
  reloaded: 'a reload is done',
  'reload failed': 'a reload failed',
};

/** The last minutes as plots, with what happened, and the same as text. */
export function renderPlots(history: History): Markup {
  const { points } = history;
  const marks = marksOf(points);
  const seconds = Math.round(history.interval / 1000);
  if (points.length === 0) {
    return html`<section class="history" aria-label="the last 15 minutes"><p>The plots of the last 15 minutes begin with the first numbers, after ${seconds} seconds.</p></section>`;
  }
  return html`<section class="history" aria-label="the last 15 minutes">
<div class="plots">${SERIES.map((series) => figure(series, history, marks))}</div>
${legend(marks)}
${happened(marks)}
<details><summary>the last 15 minutes as a table</summary>${table(points)}</details>
</section>`;
}

function figure(series: Series, { points, interval }: History, marks: readonly Mark[]): Markup {
  const { name, text, together } = series;
  const values = points.map((point): Value => ({ time: point.time, value: series.value(point) }));
  const most = largest(values);
  const scale = { ...edges(points, LEAST, MOST), most };
  const path = together === 'sum' ? barPath(scale, values) : linePath(scale, values, MISSING * interval);
  const last = newest(values);
  const now = last === null ? '–' : text(last);
  const sum = text(values.reduce((total, { value }) => total + (value ?? 0), 0));
  const [shown, about] = together === 'sum' ? [sum, `${sum} in all`] : [now, `${now} at last, at most ${text(most)}`];
  return html`<figure><figcaption><span>${name}</span><b>${shown}</b></figcaption>
${renderPlot(scale, path, marks, `${name} in the last 15 minutes: ${about}`)}
<p class="axis" aria-hidden="true"><span>−${duration(scale.to - scale.from)}</span><span>at most ${text(most)}</span><span>now</span></p></figure>`;
}

/** What the lines across the plots mean, as far as there are any. */
function legend(marks: readonly Mark[]): Markup {
  const types = new Set(marks.map(({ type }) => type));
  const entries = [...types].map((type) => html`<span><i class="${className({ type })}"></i> ${MARKS[type]}</span> `);
  return entries.length === 0 ? html`` : html`<p class="legend" aria-hidden="true">${entries}</p>`;
}

/** Deaths and reloads, the newest first. */
function happened(marks: readonly Mark[]): Markup {
  if (marks.length === 0) return html`<p>No process died, and nothing was reloaded.</p>`;
  const listed = marks.slice(-LISTED).reverse();
  const older = marks.length - listed.length;
  return html`<ol class="marks" aria-label="deaths and reloads, the newest first">${listed.map(happening)}</ol>
${older === 0 ? '' : html`<p>and ${older} older ones</p>`}`;
}

function happening({ time, text, type, count: times }: Mark): Markup {
  const more = times > 1 ? `, the last of ${times} within seconds` : '';
  return html`<li class="${className({ type })}"><time>${clock(time)}</time> ${text}${more}</li>`;
}

/** A row for each minute, the newest first. */
function table(points: readonly HistoryPoint[]): Markup {
  const minutes = new Map<string, HistoryPoint[]>();
  for (const point of points) {
    const minute = clock(point.time).slice(0, 5);
    minutes.set(minute, [...(minutes.get(minute) ?? []), point]);
  }
  return html`<table>
<thead><tr><th>minute (UTC)</th>${SERIES.map(({ name, together }) => html`<th>${name}${together === 'sum' ? '' : ', at most'}</th>`)}</tr></thead>
<tbody>${[...minutes].reverse().map(([minute, inIt]) => row(minute, inIt))}</tbody>
</table>`;
}

function row(minute: string, points: readonly HistoryPoint[]): Markup {
  const cells = SERIES.map(({ name, value, text, together }) => {
    const known = points.flatMap((point) => value(point) ?? []);
    const all = together === 'sum' ? known.reduce((sum, each) => sum + each, 0) : Math.max(...known);
    return html`<td data-name="${name}">${known.length === 0 ? '–' : text(all)}</td>`;
  });
  return html`<tr><td data-name="minute (UTC)">${minute}</td>${cells}</tr>`;
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 19);
}
