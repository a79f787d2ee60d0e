import { html, type Markup } from '../../util/markup.js';
import type { Cell, Comparison, Row } from '../comparison.js';
import type { Model } from '../scenario.js';
import { gapsIn, isInWords, number, quantity, range, reasonOf, roundsOf } from './format.js';
import { bars, dots, lines, ranges } from './plot.js';

type Models = Comparison['models'];

/** Lines that often lie on others. */
const DASHES: Partial<Record<Model, string>> = { 'cluster-none': '6 5', 'event-loop': '2 4' };

/** What was seen in one row: table, plot, how, and the values of all rounds. */
export function rowSection(row: Row, models: Models): Markup {
  return html`<section id="${row.id}" aria-labelledby="${row.id}-title">
<h2 id="${row.id}-title">${row.title}</h2>
${table(row, models)}
${row.plot === null ? throughputs(row, models) : plotOf(row, row.plot, models)}
<p class="how"><b>How it was observed.</b> ${withCode(row.how)}</p>
${roundsOf(row) > 1 ? allRounds(row, models) : ''}
</section>`;
}

function table(row: Row, models: Models): Markup {
  const words = isInWords(row);
  const rounds = roundsOf(row);
  const medians = rounds > 1 ? `medians of ${rounds} rounds, beneath them the least and the most` : '';
  const head = Object.values(row.figures).map(({ label, better }) => {
    return html`<th scope="col">${label}${better === null ? '' : html` <small>${better} is better</small>`}</th>`;
  });
  const body = models.map(({ id, name }) => {
    return html`<tr class="model-${id}"><th scope="row">${name}</th>${cellsOf(row, row.cells[id], words)}</tr>\n`;
  });
  const remarks = models.flatMap(({ id, name }) => {
    const { missing, note } = row.cells[id];
    // A figure that is missing has the reason in its place.
    if (missing !== null || note === null || gapsIn(row, row.cells[id]).length > 0) return [];
    return html`<p class="remark"><b>${name}:</b> ${note}</p>\n`;
  });
  // The caption has the title once more, for who cannot see that the table belongs to the heading.
  return html`<div class="fit"><table class="${words ? 'words' : 'numbers'}">
<caption><span class="unseen">${row.title}: </span>${medians}</caption>
<thead><tr><th scope="col">server</th>${words ? html`<th scope="col" class="text">seen</th>` : ''}
${head}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>
${remarks}`;
}

function cellsOf(row: Row, cell: Cell, words: boolean): Markup[] {
  const figures = Object.entries(row.figures);
  if (cell.missing !== null) {
    const span = figures.length + (words ? 1 : 0);
    return [html`<td class="text missing" colspan="${span}">missing: ${cell.missing}</td>`];
  }
  const numbers = figures.map(([name, { label, unit }]) => {
    const spread = cell.figures[name];
    if (!spread) return html`<td class="missing" data-label="${label}">missing: ${reasonOf(cell)}</td>`;
    const between = range(spread);
    return html`<td data-label="${label}"><span>${quantity(spread.median, unit)}</span>
${between && html` <small>${between}</small>`}</td>`;
  });
  if (!words) return numbers;
  return [html`<td class="text">${cell.seen ?? ''}</td>`, ...numbers];
}

/** What stands between backticks is to be typed. */
function withCode(text: string): Markup[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

/** The plot of a row, or a small one for each model; nothing where there is nothing to draw. */
function plotOf({ title, cells }: Row, { kind, x, y }: NonNullable<Row['plot']>, models: Models): Markup {
  const all = models.flatMap((model) => cells[model.id].points);
  if (all.length === 0) return html``;
  if (kind === 'lines') {
    const series = models.map(({ id, name }) => {
      return { name, colour: colourOf(id), dashes: DASHES[id], points: cells[id].points };
    });
    const drawn = series.filter(({ points }) => points.length > 0);
    return figure('wide', lines({ title, x, y }, drawn));
  }
  const draw = kind === 'bars' ? bars : dots;
  return html`<div class="panels">
${models.map((model) => {
  const cell = cells[model.id];
  const own = { title: `${title}: ${model.name}`, x, y };
  const absence = html`<p class="missing">missing: ${reasonOf(cell)}</p>`;
  return figure(classOf(model), cell.points.length > 0 ? draw(own, cell.points, all) : absence, model.name);
})}
</div>`;
}

/** The figures that say how much gets done. */
function throughputs({ title, figures, cells }: Row, models: Models): Markup {
  const plots = Object.entries(figures).flatMap(([name, { label, unit }]) => {
    if (unit !== '/s') return [];
    const rows = models.map((model) => {
      return { name: model.name, colour: colourOf(model.id), spread: cells[model.id].figures[name] ?? null };
    });
    return figure('wide', ranges(`${title}: ${label}`, unit, rows), label);
  });
  return plots.length === 0 ? html`` : html`<div class="wides">${plots}</div>`;
}

function figure(kind: string, content: Markup, caption?: string): Markup {
  return html`<figure class="${kind}">${caption === undefined ? '' : html`<figcaption>${caption}</figcaption>`}${content}</figure>`;
}

function classOf({ id }: Models[number]): string {
  return `model-${id}`;
}

function colourOf(model: Model): string {
  return `var(--${model})`;
}

function allRounds(row: Row, models: Models): Markup {
  const rounds = Array.from({ length: roundsOf(row) }, (_, round) => round);
  const known = models.filter(({ id }) => row.cells[id].missing === null);
  const body = known.flatMap(({ id, name }) =>
    Object.entries(row.figures).map(([figure, { label, unit }]) => {
      const values = rounds.map((round) => row.cells[id].findings[round]?.figures?.[figure] ?? null);
      const line = values.map((value) => html`<td>${value === null ? 'missing' : number(value)}</td>`);
      const what = `${label}${unit === '' ? '' : `, ${unit}`}`;
      return html`<tr><th scope="row">${name}</th><th scope="row">${what}</th>${line}</tr>\n`;
    }),
  );
  return html`<details><summary>All values of ${rounds.length} rounds</summary>
<div class="scroll" role="region" tabindex="0" aria-label="${row.title}: all values"><table>
<thead><tr><th scope="col">server</th><th scope="col">figure</th>
${rounds.map((round) => html`<th scope="col">${round + 1}</th>`)}</tr></thead>
<tbody>${body}</tbody>
</table></div></details>`;
}
