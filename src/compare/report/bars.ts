import { scaleBand, scaleLinear } from 'd3-scale';
import { html, type Markup } from '../../util/markup.js';
import { at, axes, boxOf, drawing, text, textWidth } from './drawing.js';
import { number } from './format.js';
import type { Panel } from './panels.js';

const WIDTH = 260;
const HEIGHT = 170;

/** Upright bars, as high and as wide as in the other models' panels. */
export function bars({ id, title, points, all, plot }: Panel): Markup {
  const top = Math.max(1, ...all.map(([, y]) => y));
  const y = scaleLinear([0, top], [0, 1]).nice(4);
  const ticks = y.ticks(4);
  const box = boxOf(WIDTH, HEIGHT, ticks);
  y.range([box.bottom, box.top]);
  const places = [...new Set(all.map(([x]) => x))].toSorted((a, b) => a - b);
  const band = scaleBand(places, [box.left, box.right]).padding(0.25);
  const middle = (x: number) => (band(x) ?? 0) + band.bandwidth() / 2;
  const named = points.every(([, value]) => textWidth(number(value)) < band.step());
  const marks = points.map(([x, value]) => {
    const bar = `M${at(band(x) ?? 0)} ${at(box.bottom)}V${at(y(value))}h${at(band.bandwidth())}V${at(box.bottom)}z`;
    return html`<path class="bar" d="${bar}"/>${named ? text(middle(x), y(value) - 4, number(value), 'middle') : ''}`;
  });
  const description = `${points.length} bars: ${points.map(([x, value]) => `${number(x)}: ${number(value)}`).join(', ')}`;
  const names = { x: plot.x, y: plot.y };
  const xTicks = points.map(([x]) => x);
  return drawing({ id, title, description }, WIDTH, HEIGHT, [
    axes({ box, x: middle, y, xTicks, yTicks: ticks, names }),
    ...marks,
  ]);
}
