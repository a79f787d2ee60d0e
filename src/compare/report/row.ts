import { html, type Markup } from '../../status/page/markup.js';
import type { Cell, Comparison, Row } from '../comparison.js';
import { number, quantity, range, roundsOf } from '../format.js';
import type { Figure } from '../observation.js';
import { plotOf } from './panels.js';

type Models = Comparison['models'];

/** What was seen in one row: table, plot, how, and the values of all rounds. */
export function rowSection(row: Row, models: Models): Markup {
  return html`<section id="${row.id}" aria-labelledby="${row.id}-title">
<h2 id="${row.id}-title">${row.title}</h2>
${table(row, models)}
${plotOf(row, models)}
<p class="how"><b>How it was observed.</b> ${row.how}</p>
${roundsOf(row) > 1 ? allRounds(row, models) : ''}
</section>`;
}

function table(row: Row, models: Models): Markup {
  const figures = Object.entries(row.figures);
  const cells = models.map(({ id }) => row.cells[id]);
  const words = figures.length === 0 || cells.some((cell) => cell.seen !== null || isRemarked(row, cell));
  return html`<table class="${words ? 'words' : 'numbers'}">
<caption>${captionOf(row)}</caption>
<thead><tr><th scope="col">server</th>${words ? html`<th scope="col" class="text">seen</th>` : ''}
${figures.map(([, figure]) => html`<th scope="col">${figure.label}${preference(figure)}</th>`)}</tr></thead>
<tbody>
${models.map(
  ({ id, name }) =>
    html`<tr class="model-${id}"><th scope="row">${name}</th>${cellsOf(row, row.cells[id], words)}</tr>\n`,
)}
</tbody>
</table>`;
}

/** For who cannot see that the table belongs to the heading. */
function captionOf(row: Row): string {
  const rounds = roundsOf(row);
  return rounds > 1 ? `${row.title}: medians of ${rounds} rounds, beneath them the least and the most` : row.title;
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
  return [
    ...(words
      ? [
          html`<td class="text">${cell.seen ?? ''}${isRemarked(row, cell) ? html` <small>${cell.note ?? ''}</small>` : ''}</td>`,
        ]
      : []),
    ...figures.map(([name, figure]) => value(cell, name, figure)),
  ];
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

/** Whether its note says more than why a figure is missing. */
function isRemarked({ figures }: Row, cell: Cell): boolean {
  return cell.note !== null && Object.keys(figures).every((name) => cell.figures[name]);
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
