import { html, type Markup } from '../../util/markup.js';
import type { Spread } from '../../util/statistics.js';
import type { Point } from '../scenario.js';
import { number, quantity, withRange } from './format.js';
import { scaleBand, scaleLinear, scaleLog } from './scales.js';

// Plots as SVG without scripts, for the report and for the benchmarks. Marks have the colours of the page's classes.

/** What is drawn, for screen readers, and what its axes are. */
interface Plotted {
  readonly id: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

/** One line, bar or row of its plot, by its class and its name. */
interface Named {
  readonly kind: string;
  readonly name: string;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

type Scale = (value: number) => number;

/** A character of any text in a plot, in the drawing's pixels: generous, as the reader's font is not known. */
const CHARACTER = 6.7;
const GAP = 6;
/** Room above for what y is and below for the ticks of x and what x is. */
const [TOP, BOTTOM] = [30, 36];
/** From one label at a line's end to the next. */
const LABEL = 14;
/** Lying bars: from one to the next, and how thick each is. */
const [ROW, BAR] = [30, 16];

/** Upright bars, on axes that the other models' panels share. @param all the points of all of them */
export function bars(plotted: Plotted, points: readonly Point[], all: readonly Point[]): Markup {
  const [width, height] = [260, 170];
  const y = scaleLinear([0, Math.max(1, ...all.map(([, value]) => value))], [0, 1]).nice(4);
  const box = boxOf(width, height, y.ticks(4));
  y.range([box.bottom, box.top]);
  const band = scaleBand(valuesOf(all), [box.left, box.right]).padding(0.25);
  const middle = (x: number) => (band(x) ?? 0) + band.bandwidth() / 2;
  const isNamed = points.every(([, value]) => textWidth(number(value)) < band.step());
  const marks = points.map(([x, value]) => {
    const bar = `M${at(band(x) ?? 0)} ${at(box.bottom)}V${at(y(value))}h${at(band.bandwidth())}V${at(box.bottom)}z`;
    return html`<path class="bar" d="${bar}"/>${isNamed ? text(middle(x), y(value) - 4, number(value), 'middle') : ''}`;
  });
  const xTicks = points.map(([x]) => x);
  return drawing(plotted, `${points.length} bars: ${pairs(points)}`, width, height, [
    axes(plotted, box, middle, y, xTicks, y.ticks(4)),
    ...marks,
  ]);
}

/** A dot for each point, on axes that the other models' panels share, y logarithmic. @param all the points of all of them */
export function dots(plotted: Plotted, points: readonly Point[], all: readonly Point[]): Markup {
  const [width, height] = [260, 180];
  const { share, ticks } = logarithmic(all);
  const box = boxOf(width, height, ticks);
  const x = scaleLinear(extent(all.map(([value]) => value)), [box.left, box.right]);
  const y = (value: number) => box.bottom - share(value) * (box.bottom - box.top);
  // Dots in the same half of a pixel are one, so that a long load stays a small page.
  const half = (value: number) => Math.round(value * 2) / 2;
  const path = [...new Set(points.map(([a, b]) => `M${half(x(a))} ${half(y(b))}h0`))].join('');
  const [lowest, highest] = extent(points.map(([, value]) => value));
  const when = points.find(([, value]) => value === highest)?.[0] ?? 0;
  const range = `from ${number(lowest)} to ${number(highest)}, the highest at ${number(when)}`;
  // The moment that everything is counted from.
  const zero =
    x(0) > box.left && x(0) < box.right && html`<path class="zero" d="M${at(x(0))} ${at(box.top)}V${at(box.bottom)}"/>`;
  return drawing(plotted, `${number(points.length)} dots, ${range}`, width, height, [
    axes(plotted, box, x, y, x.ticks(5), ticks),
    zero || html``,
    html`<path class="dots" d="${path}"/>`,
  ]);
}

/** A line for each, with its name at its end. @param logTicks with labels, where x is logarithmic: from the first one on */
export function lines(
  plotted: Plotted,
  series: readonly (Named & { readonly points: readonly Point[] })[],
  logTicks?: ReadonlyMap<number, string>,
): Markup {
  const [width, height] = LINES_SIZE;
  const all = series.flatMap(({ points }) => points);
  const y = scaleLinear([0, Math.max(1, ...all.map(([, value]) => value))], [0, 1]).nice(5);
  const box = boxOf(width, height, y.ticks(5), Math.max(...series.map(({ name }) => textWidth(name))) + 14);
  y.range([box.bottom, box.top]);
  const [most, range] = [Math.max(...all.map(([value]) => value)), [box.left, box.right]];
  const xTicks = logTicks === undefined ? valuesOf(all) : [...logTicks.keys()].filter((tick) => tick <= most);
  const [least = 1] = xTicks;
  const x = logTicks === undefined ? scaleLinear([0, most], range) : scaleLog([least, most], range).clamp(true);
  const ends = apart(
    series.map(({ points }) => y(points.at(-1)?.[1] ?? 0)),
    box.bottom,
  );
  const marks = series.map(({ kind, name, points }, index) => {
    const places = points.map(([a, b]) => `${at(x(a))} ${at(y(b))}`);
    const [lastX, lastY] = points.at(-1) ?? [0, 0];
    const [end = 0, isFar] = [ends[index], box.right + GAP - x(lastX) > LABEL];
    return html`<g class="${kind}"><path class="line" d="M${places.join('L')}"/>
${isFar ? html`<path class="leader" d="M${at(x(lastX))} ${at(y(lastY))}L${at(box.right + GAP)} ${at(end)}"/>` : ''}
<path class="points" d="${places.map((place) => `M${place}h0`).join('')}"/>
${text(box.right + 10, end + 4, name, 'start', 'name')}</g>`;
  });
  const description = series.map(({ name, points }) => `${name}: ${pairs(points)}`).join('; ');
  return drawing(plotted, description, width, height, [
    axes(plotted, box, x, y, xTicks, y.ticks(5), (tick) => logTicks?.get(tick) ?? number(tick)),
    ...marks,
  ]);
}

/** The width and the height of lines(). */
export const LINES_SIZE = [400, 280] as const;

/** Lying bars, each with its value behind it and a line from the least to the most. */
export function ranges(
  about: Omit<Plotted, 'x' | 'y'>,
  unit: string,
  rows: readonly (Named & { readonly spread: Spread | null })[],
): Markup {
  const width = LINES_SIZE[0];
  const valueText = (spread: Spread | null) => (spread === null ? 'missing' : quantity(spread.median, unit));
  const left = Math.max(...rows.map(({ name }) => textWidth(name))) + 8;
  const right = width - Math.max(...rows.map(({ spread }) => textWidth(valueText(spread)))) - 8;
  const x = scaleLinear([0, Math.max(1, ...rows.map(({ spread }) => spread?.max ?? 0))], [left, right]);
  const marks = rows.map(({ kind, name, spread }, index) => {
    const middle = index * ROW + ROW / 2;
    return html`<g class="${kind}">${text(left - 8, middle + 4, name, 'end')}
${spread === null ? '' : lyingBar(spread, x, middle)}
${text(x(spread?.max ?? 0) + 8, middle + 4, valueText(spread), 'start', 'value')}</g>`;
  });
  const words = rows.map(({ name, spread }) => `${name}: ${spread === null ? 'missing' : withRange(spread, unit)}`);
  return drawing(about, words.join(', '), width, rows.length * ROW, marks);
}

function lyingBar({ median, min, max }: Spread, x: Scale, middle: number): Markup {
  const [top, bottom, foot] = [at(middle - BAR / 2), at(middle + BAR / 2), at(x(0))];
  return html`<path class="bar" d="M${foot} ${top}H${at(x(median))}V${bottom}H${foot}z"/>
<path class="range" d="M${at(x(min))} ${at(middle)}H${at(x(max))}M${at(x(min))} ${at(middle - 4)}v8M${at(x(max))} ${at(middle - 4)}v8"/>`;
}

/** A picture that a screen reader reads as its title and description. */
function drawing(
  { id, title }: Pick<Plotted, 'id' | 'title'>,
  description: string,
  width: number,
  height: number,
  marks: readonly Markup[],
): Markup {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title>
<desc id="${id}-description">${description}</desc>
${marks}
</svg>`;
}

/** Where the marks are: beside the ticks of y, with so much room on the right. */
function boxOf(width: number, height: number, yTicks: readonly number[], room = 10): Box {
  const left = Math.max(...yTicks.map((tick) => textWidth(number(tick)))) + 2 * GAP;
  return { left, right: width - room, top: TOP, bottom: height - BOTTOM };
}

/** Lines across at the ticks of y, ticks of x beneath whose labels do not touch each other, and what they are. */
function axes(
  names: Plotted,
  { left, right, top, bottom }: Box,
  x: Scale,
  y: Scale,
  xTicks: readonly number[],
  yTicks: readonly number[],
  write = number,
): Markup {
  let end = Number.NEGATIVE_INFINITY;
  const shown = xTicks.filter((tick) => {
    const half = textWidth(write(tick)) / 2;
    const isFree = x(tick) - half >= end;
    if (isFree) end = x(tick) + half + GAP;
    return isFree;
  });
  return html`<g class="axes">
${yTicks.map(
  (tick) => html`<path class="grid" d="M${at(left)} ${at(y(tick))}H${at(right)}"/>
${text(left - GAP, y(tick) + 4, number(tick), 'end')}`,
)}
${shown.map((tick) => text(x(tick), bottom + 15, write(tick), 'middle'))}
<path class="base" d="M${at(left)} ${at(bottom)}H${at(right)}"/>
${text(0, top - 19, names.y, 'start')}
${text(right, bottom + 31, names.x, 'end')}
</g>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', kind = ''): Markup {
  return html`<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" class="${kind}">${content}</text>`;
}

function textWidth(content: string): number {
  return content.length * CHARACTER;
}

/** A coordinate: tenths of a pixel are enough. */
function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function pairs(points: readonly Point[]): string {
  return points.map(([x, y]) => `${number(x)}: ${number(y)}`).join(', ');
}

/** All values of x, ascending. */
function valuesOf(points: readonly Point[]): number[] {
  return [...new Set(points.map(([x]) => x))].toSorted((a, b) => a - b);
}

/** Which share of the height a value has, and where the ticks are; what is not above zero is at the foot. */
function logarithmic(all: readonly Point[]) {
  const [least, most] = extent(all.map(([, y]) => y).filter((value) => value > 0));
  const low = Math.floor(Math.log10(least));
  const high = Math.max(Math.ceil(Math.log10(most)), low + 1);
  const scale = scaleLog([10 ** low, 10 ** high], [0, 1]).clamp(true);
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { share: (value: number) => (value > 0 ? scale(value) : 0), ticks };
}

/** The least and the most: of more values than a call can take. */
function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0.1, 1];
  return values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}

/** The places, moved so that labels there do not overlap and stay above the foot. */
function apart(places: readonly number[], foot: number): number[] {
  const order = places.map((_, index) => index).toSorted((a, b) => (places[b] ?? 0) - (places[a] ?? 0));
  const moved = [...places];
  let below = foot + LABEL;
  for (const index of order) {
    below = Math.min(places[index] ?? 0, below - LABEL);
    moved[index] = below;
  }
  return moved;
}
