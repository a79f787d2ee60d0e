import { html, type Markup } from '../../util/markup.js';
import type { Comparison, Row } from '../comparison.js';
import type { Model } from '../models.js';
import type { Plot } from '../scenario.js';
import { bars } from './bars.js';
import { dots } from './dots.js';
import type { Panel } from './drawing.js';
import { lines } from './lines.js';
import { rates, throughputsOf } from './rates.js';

type Models = Comparison['models'];

/** The plot of a row, or a small one for each model; nothing where there is nothing to draw. */
export function plotOf(row: Row, models: Models): Markup {
  if (row.plot === null) {
    const plots = throughputsOf(row).map((name) => figure('wide', rates(row, name, models), row.figures[name]?.label));
    return plots.length === 0 ? html`` : html`<div class="wides">${plots}</div>`;
  }
  const panels = panelsOf(row, row.plot, models);
  if (panels.length === 0) return html``;
  if (row.plot.kind === 'lines') return figure('wide', lines(panels, `plot-${row.id}`, row.title));
  const draw = row.plot.kind === 'bars' ? bars : dots;
  return html`<div class="panels">
${models.map(({ id, name }) => {
  const panel = panels.find(({ model }) => model === id);
  const drawn = panel === undefined ? html`<p class="missing">${absence(row, id)}</p>` : draw(panel);
  return figure(`model-${id}`, drawn, name);
})}
</div>`;
}

function panelsOf(row: Row, plot: Plot, models: Models): Panel[] {
  const all = models.flatMap(({ id }) => row.cells[id].points);
  return models.flatMap(({ id, name }) => {
    const { points } = row.cells[id];
    const title = `${row.title}: ${name}`;
    return points.length === 0 ? [] : [{ id: `plot-${row.id}-${id}`, title, model: id, name, points, all, plot }];
  });
}

function absence({ cells }: Row, model: Model): string {
  const { missing, note } = cells[model];
  return `missing: ${missing ?? note ?? 'no reason was given'}`;
}

function figure(kind: string, content: Markup, caption?: string): Markup {
  return html`<figure class="${kind}">${caption === undefined ? '' : html`<figcaption>${caption}</figcaption>`}${content}</figure>`;
}
