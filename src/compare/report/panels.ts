import { html, type Markup } from '../../util/markup.js';
import type { Comparison, Row } from '../comparison.js';
import { quantity, range } from './format.js';
import { bars, dots, lines, ranges } from './plot.js';

type Models = Comparison['models'];

/** The plot of a row, or a small one for each model; nothing where there is nothing to draw. */
export function plotOf(row: Row, models: Models): Markup {
  const { id, title, plot, cells } = row;
  if (plot === null) return throughputs(row, models);
  const all = models.flatMap((model) => cells[model.id].points);
  if (all.length === 0) return html``;
  const about = { id: `plot-${id}`, title, x: plot.x, y: plot.y };
  if (plot.kind === 'lines') {
    const series = models.map((model) => ({ kind: classOf(model), name: model.name, points: cells[model.id].points }));
    return figure(
      'wide',
      lines(
        about,
        series.filter(({ points }) => points.length > 0),
      ),
    );
  }
  return html`<div class="panels">
${models.map((model) => {
  const { points, missing, note } = cells[model.id];
  const own = { ...about, id: `plot-${id}-${model.id}`, title: `${title}: ${model.name}` };
  const draw = () => (plot.kind === 'bars' ? bars(own, points, all) : dots(own, points, all, plot.scale === 'log'));
  const absence = html`<p class="missing">missing: ${missing ?? note ?? 'no reason was given'}</p>`;
  return figure(classOf(model), points.length > 0 ? draw() : absence, model.name);
})}
</div>`;
}

/** The figures that say how much gets done. */
function throughputs({ id, title, figures, cells }: Row, models: Models): Markup {
  const plots = Object.entries(figures).flatMap(([name, { label, unit }]) => {
    if (unit !== '/s') return [];
    const rows = models.map((model) => {
      const spread = cells[model.id].figures[name] ?? null;
      const between = spread === null ? undefined : range(spread);
      return {
        kind: classOf(model),
        name: model.name,
        spread,
        value: spread === null ? 'missing' : quantity(spread.median, unit),
        range: between === undefined ? '' : ` (${between})`,
      };
    });
    return figure('wide', ranges({ id: `plot-${id}-${name}`, title: `${title}: ${label}` }, rows), label);
  });
  return plots.length === 0 ? html`` : html`<div class="wides">${plots}</div>`;
}

function classOf({ id }: Models[number]): string {
  return `model-${id}`;
}

function figure(kind: string, content: Markup, caption?: string): Markup {
  return html`<figure class="${kind}">${caption === undefined ? '' : html`<figcaption>${caption}</figcaption>`}${content}</figure>`;
}
