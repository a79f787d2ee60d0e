import { scaleLinear } from 'd3-scale';
import { html, type Markup } from '../../util/markup.js';
import { at, axes, boxOf, drawing, text, textWidth } from './drawing.js';
import { number } from './format.js';
import type { Panel } from './panels.js';

const WIDTH = 400;
const HEIGHT = 280;
/** Between the labels at the lines' ends. */
const LINE = 14;

/** One line for each model, with its name at its end. */
export function lines(panels: readonly Panel[], id: string, title: string): Markup {
  const [first] = panels;
  if (first === undefined) return html``;
  const { all, plot } = first;
  const y = scaleLinear([0, Math.max(1, ...all.map(([, value]) => value))], [0, 1]).nice(5);
  const room = Math.max(...panels.map(({ name }) => textWidth(name))) + 14;
  const box = boxOf(WIDTH, HEIGHT, y.ticks(5), room);
  y.range([box.bottom, box.top]);
  const x = scaleLinear([0, Math.max(...all.map(([value]) => value))], [box.left, box.right]);
  const xTicks = [...new Set(all.map(([value]) => value))].toSorted((a, b) => a - b);
  const ends = apart(
    panels.map(({ points }) => y(points.at(-1)?.[1] ?? 0)),
    box.bottom,
  );
  const marks = panels.map(({ model, name, points }, index) => {
    const places = points.map(([a, b]) => `${at(x(a))} ${at(y(b))}`);
    return html`<g class="model-${model}"><path class="line" d="M${places.join('L')}"/>
${leader(x(points.at(-1)?.[0] ?? 0), y(points.at(-1)?.[1] ?? 0), box.right + 6, ends[index] ?? 0)}
<path class="points" d="${places.map((place) => `M${place}h0`).join('')}"/>
${text(box.right + 10, (ends[index] ?? 0) + 4, name, 'start', 'name')}</g>`;
  });
  return drawing({ id, title, description: panels.map(described).join('; ') }, WIDTH, HEIGHT, [
    axes({ box, x, y, xTicks, yTicks: y.ticks(5), names: plot }),
    ...marks,
  ]);
}

/** From the last point to its name, where that is further away than usual. */
function leader(x: number, y: number, nameX: number, nameY: number): Markup {
  return nameX - x > LINE ? html`<path class="leader" d="M${at(x)} ${at(y)}L${at(nameX)} ${at(nameY)}"/>` : html``;
}

function described({ name, points }: Panel): string {
  return `${name}: ${points.map(([x, y]) => `${number(x)}: ${number(y)}`).join(', ')}`;
}

/** The places, moved so that labels there do not overlap and stay above the foot. */
function apart(places: readonly number[], foot: number): number[] {
  const order = places.map((_, index) => index).toSorted((a, b) => (places[b] ?? 0) - (places[a] ?? 0));
  const moved = [...places];
  let below = foot + LINE;
  for (const index of order) {
    below = Math.min(places[index] ?? 0, below - LINE);
    moved[index] = below;
  }
  return moved;
}
