import { scaleLinear, scaleLog } from 'd3-scale';
import { html, type Markup } from '../../util/markup.js';
import type { Point } from '../scenario.js';
import { at, axes, type Box, boxOf, drawing, type Panel } from './drawing.js';
import { number } from './format.js';

const WIDTH = 260;
const HEIGHT = 180;

/** A dot for each point, on axes that the other models' panels share. */
export function dots({ id, title, points, all, plot }: Panel): Markup {
  const y = vertical(all, plot.scale === 'log');
  const box = boxOf(WIDTH, HEIGHT, y.ticks);
  const x = scaleLinear(extent(all.map(([value]) => value)), [box.left, box.right]);
  const place = (value: number) => box.bottom - y.share(value) * (box.bottom - box.top);
  const path = [...new Set(points.map(([a, b]) => `M${half(x(a))} ${half(place(b))}h0`))];
  return drawing({ id, title, description: described(points) }, WIDTH, HEIGHT, [
    axes({ box, x, y: place, xTicks: x.ticks(5), yTicks: y.ticks, names: plot }),
    zero(x, box),
    html`<path class="dots" d="${path.join('')}"/>`,
  ]);
}

/** Which share of the height a value has; on a logarithmic scale what is not above zero is at the foot. */
function vertical(all: readonly Point[], log: boolean) {
  const values = all.map(([, y]) => y);
  if (!log) {
    const scale = scaleLinear([0, Math.max(1, extent(values)[1])], [0, 1]).nice(4);
    return { share: scale, ticks: scale.ticks(4) };
  }
  const [least, most] = extent(values.filter((value) => value > 0));
  const [low, high] = [
    Math.floor(Math.log10(least)),
    Math.max(Math.ceil(Math.log10(most)), Math.floor(Math.log10(least)) + 1),
  ];
  const scale = scaleLog([10 ** low, 10 ** high], [0, 1]).clamp(true);
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { share: (value: number) => (value > 0 ? scale(value) : 0), ticks };
}

/** Where x is 0: the moment that everything is counted from. */
function zero(x: (value: number) => number, { left, right, top, bottom }: Box): Markup {
  const place = x(0);
  return place <= left || place >= right
    ? html``
    : html`<path class="zero" d="M${at(place)} ${at(top)}V${at(bottom)}"/>`;
}

function described(points: readonly Point[]): string {
  const [lowest, highest] = extent(points.map(([, y]) => y));
  const when = points.find(([, y]) => y === highest)?.[0] ?? 0;
  return `${number(points.length)} dots, from ${number(lowest)} to ${number(highest)}, the highest at ${number(when)}`;
}

/** The least and the most: of more values than a call can take. */
function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0.1, 1];
  return values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}

/** Dots in the same half of a pixel are one, so that a long load stays a small page. */
function half(value: number): string {
  return String(Math.round(value * 2) / 2);
}
