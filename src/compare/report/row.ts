import { html, type Markup } from '../../util/markup.js';
import type { Cell, Comparison, Row } from '../comparison.js';
import type { Model } from '../models.js';
import type { Figure } from '../scenario.js';
import { number, quantity, range, roundsOf } from './format.js';
import { plotOf } from './panels.js';

type Models = Comparison['models'];

/** What was seen in one row: table, plot, how, and the values of all rounds. */
export function rowSection(row: Row, models: Models): Markup {
  return html`<section id="${row.id}" aria-labelledby="${row.id}-title">
<h2 id="${row.id}-title">${row.title}</h2>
${table(row, models)}
${plotOf(row, models)}
<p class="how"><b>How it was observed.</b> ${withCode(row.how)}</p>
${roundsOf(row) > 1 ? allRounds(row, models) : ''}
</section>`;
}

function table(row: Row, models: Models): Markup {
  const figures = Object.values(row.figures);
  const words = figures.length === 0 || models.some(({ id }) => row.cells[id].seen !== null);
  const line = (id: Model, name: string) =>
    html`<tr class="model-${id}"><th scope="row">${name}</th>${cellsOf(row, row.cells[id], words)}</tr>\n`;
  return html`<div class="fit"><table class="${words ? 'words' : 'numbers'}">
${caption(row)}
<thead><tr><th scope="col">server</th>${words ? html`<th scope="col" class="text">seen</th>` : ''}
${figures.map((figure) => html`<th scope="col">${figure.label}${preference(figure)}</th>`)}</tr></thead>
<tbody>
${models.map(({ id, name }) => line(id, name))}
</tbody>
</table></div>
${words ? '' : models.map((model) => remarkBelow(row, model))}`;
}

/** The title once more, for who cannot see that the table belongs to the heading. */
function caption(row: Row): Markup {
  const rounds = roundsOf(row);
  const medians = rounds > 1 ? `medians of ${rounds} rounds, beneath them the least and the most` : '';
  return html`<caption><span class="unseen">${row.title}: </span>${medians}</caption>`;
}

function preference({ better }: Figure): Markup {
  return better === null ? html`` : html` <small>${better} is better</small>`;
}

function cellsOf(row: Row, cell: Cell, words: boolean): Markup[] {
  const figures = Object.entries(row.figures);
  if (cell.missing !== null) {
    const span = figures.length + (words ? 1 : 0);
    return [html`<td class="text missing" colspan="${span}">missing: ${cell.missing}</td>`];
  }
  const numbers = figures.map(([name, figure]) => value(cell, name, figure));
  if (!words) return numbers;
  const note = remarkOf(row, cell, (text) => html` <small>${text}</small>`);
  return [html`<td class="text">${cell.seen ?? ''}${note}</td>`, ...numbers];
}

function value(cell: Cell, name: string, { label, unit }: Figure): Markup {
  const spread = cell.figures[name];
  if (!spread) {
    return html`<td class="missing" data-label="${label}">missing: ${cell.note ?? 'no reason was given'}</td>`;
  }
  const between = range(spread);
  return html`<td data-label="${label}"><span>${quantity(spread.median, unit)}</span>
${between === undefined ? '' : html` <small>${between}</small>`}</td>`;
}

/** Its note, unless that is why a figure is missing, where it stands already. */
function remarkOf({ figures }: Row, cell: Cell, show: (note: string) => Markup): Markup {
  const complete = Object.keys(figures).every((name) => cell.figures[name]);
  return cell.missing === null && cell.note !== null && complete ? show(cell.note) : html``;
}

function remarkBelow(row: Row, { id, name }: Models[number]): Markup {
  return remarkOf(row, row.cells[id], (note) => html`<p class="remark"><b>${name}:</b> ${note}</p>\n`);
}

/** What stands between backticks is to be typed. */
function withCode(text: string): Markup[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function allRounds(row: Row, models: Models): Markup {
  const rounds = roundsOf(row);
  const figures = Object.entries(row.figures);
  const line = (cell: Cell, name: string) =>
    Array.from({ length: rounds }, (_, round) => {
      const value = cell.findings[round]?.figures?.[name] ?? null;
      return html`<td>${value === null ? 'missing' : number(value)}</td>`;
    });
  const known = models.filter(({ id }) => row.cells[id].missing === null);
  return html`<details><summary>All values of ${rounds} rounds</summary>
<div class="scroll" role="region" tabindex="0" aria-label="${row.title}: all values"><table>
<thead><tr><th scope="col">server</th><th scope="col">figure</th>
${Array.from({ length: rounds }, (_, round) => html`<th scope="col">${round + 1}</th>`)}</tr></thead>
<tbody>${known.flatMap(({ id, name }) =>
    figures.map(
      ([figure, { label, unit }]) =>
        html`<tr><th scope="row">${name}</th><th scope="row">${label}${unit === '' ? '' : `, ${unit}`}</th>${line(row.cells[id], figure)}</tr>\n`,
    ),
  )}</tbody>
</table></div></details>`;
}
