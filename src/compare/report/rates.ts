import { scaleLinear } from 'd3-scale';
import { html, type Markup } from '../../util/markup.js';
import type { Spread } from '../../util/statistics.js';
import type { Comparison, Row } from '../comparison.js';
import { at, drawing, text, textWidth } from './drawing.js';
import { quantity, range } from './format.js';

const WIDTH = 400;
const LINE = 30;
const BAR = 16;
const GAP = 8;

type Models = Comparison['models'];

/** The names of the figures that say how much gets done. */
export function throughputsOf({ figures }: Row): string[] {
  return Object.keys(figures).filter((name) => figures[name]?.unit === '/s');
}

/** Lying bars, one for each model, with a line from the least to the most of the rounds. */
export function rates(row: Row, figure: string, models: Models): Markup {
  const { label = figure, unit = '' } = row.figures[figure] ?? {};
  const spreads = models.map(({ id }) => row.cells[id].figures[figure] ?? null);
  const left = Math.max(...models.map(({ name }) => textWidth(name))) + GAP;
  const values = spreads.map((spread) => (spread === null ? 'missing' : quantity(spread.median, unit)));
  const right = WIDTH - Math.max(...values.map(textWidth)) - GAP;
  const x = scaleLinear([0, Math.max(1, ...spreads.map((spread) => spread?.max ?? 0))], [left, right]);
  const marks = models.map(({ id, name }, index) => {
    const [spread = null, middle] = [spreads[index], index * LINE + LINE / 2];
    return html`<g class="model-${id}">${text(left - GAP, middle + 4, name, 'end')}
${spread === null ? '' : bar(spread, x, middle)}
${text(x(spread?.max ?? 0) + GAP, middle + 4, values[index] ?? '', 'start', 'value')}</g>`;
  });
  const description = models.map(({ name }, index) => `${name}: ${values[index]}${between(spreads[index])}`).join(', ');
  const title = `${row.title}: ${label}`;
  return drawing({ id: `plot-${row.id}-${figure}`, title, description }, WIDTH, models.length * LINE, marks);
}

function bar({ median, min, max }: Spread, x: (value: number) => number, middle: number): Markup {
  const [top, bottom, foot] = [at(middle - BAR / 2), at(middle + BAR / 2), at(x(0))];
  return html`<path class="bar" d="M${foot} ${top}H${at(x(median))}V${bottom}H${foot}z"/>
<path class="range" d="M${at(x(min))} ${at(middle)}H${at(x(max))}M${at(x(min))} ${at(middle - 4)}v8M${at(x(max))} ${at(middle - 4)}v8"/>`;
}

function between(spread: Spread | null | undefined): string {
  const text = spread ? range(spread) : undefined;
  return text === undefined ? '' : ` (${text})`;
}
