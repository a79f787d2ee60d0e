import { Markup } from '../../util/markup.js';
import type { Spread } from '../../util/statistics.js';
import type { Point } from '../scenario.js';
import { number, quantity, withRange } from './format.js';
import * as Plot from './svg.js';

// Plots as SVG without scripts, for the report and for the benchmarks.

/** What is drawn, for screen readers, and what its axes are. */
interface Plotted {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

interface Line {
  readonly name: string;
  /** As CSS has it. */
  readonly colour: string;
  /** SVG's stroke-dasharray, where it is not drawn through. */
  readonly dashes?: string | undefined;
  readonly points: readonly Point[];
}

interface Bar extends Pick<Line, 'name' | 'colour'> {
  /** What was measured, and how far that varies; null where nothing was. */
  readonly spread: Spread | null;
}

/** The width and the height of lines(). */
export const LINES_SIZE = [400, 280] as const;
/** A character of any text in a plot, in the drawing's pixels: generous, as the reader's font is not known. */
const CHARACTER = 6.7;
/** Between a mark and its label, and from one label at a line's end to the next. */
const [GAP, LABEL] = [8, 14];
/** Room above for what y is, and below for the ticks of x and what x is. */
const [TOP, BOTTOM] = [30, 36];
/** Lying bars: how far apart they are. */
const ROW = 30;
/** More upright bars have no room for their values. */
const NAMED_BARS = 12;
/** Where dots stand at most: across, and in each decade upwards. */
const [PLACES, PLACES_A_DECADE] = [400, 50];
/** Of a plot of one model: its page says which. */
const COLOUR = 'var(--model)';
const PLACE = { x: '0', y: '1' };
/** Texts behind marks. */
const LABELS = { textAnchor: 'start', dx: GAP } as const;

/** Upright bars, on axes that the other models' panels share. @param all the points of all of them */
export function bars(plotted: Plotted, points: readonly Point[], all: readonly Point[]): Markup {
  return picture(`${plotted.title}: ${points.length} bars: ${pairs(points)}`, {
    ...frame(260, 170, all),
    x: { label: plotted.x, domain: valuesOf(all), padding: 0.25, tickSize: 0 },
    y: fromZero(plotted.y, all),
    marks: [
      Plot.barY(points, { ...PLACE, fill: COLOUR }),
      points.length <= NAMED_BARS ? Plot.textY(points, { ...PLACE, text: ([, y]) => number(y), dy: -GAP }) : null,
    ],
  });
}

/** A dot for each point, on axes that the other models' panels share, y logarithmic. @param all the points of all of them */
export function dots(plotted: Plotted, points: readonly Point[], all: readonly Point[]): Markup {
  const [least, most] = extent(all.flatMap(([, y]) => (y > 0 ? y : [])));
  const low = Math.floor(Math.log10(least));
  const decades = Array.from({ length: Math.max(Math.ceil(Math.log10(most)) - low, 1) + 1 }, (_, n) => 10 ** (low + n));
  const domain = extent(all.map(([x]) => x));
  const [lowest, highest] = extent(points.map(([, y]) => y));
  const when = points.find(([, y]) => y === highest)?.[0] ?? 0;
  const range = `from ${number(lowest)} to ${number(highest)}, the highest at ${number(when)}`;
  // Dots in the same place are one, so that a long load stays a small page; what is not above zero is at the foot.
  const step = (domain[1] - domain[0]) / PLACES || 1;
  const shown = points.map(([x, y]): Point => {
    const magnitude = Math.log10(Math.max(y, 10 ** low));
    return [Math.round(x / step) * step, 10 ** (Math.round(magnitude * PLACES_A_DECADE) / PLACES_A_DECADE)];
  });
  return picture(`${plotted.title}: ${number(points.length)} dots, ${range}`, {
    ...frame(260, 180, all),
    x: { label: plotted.x, domain, ticks: 5, tickSize: 0, tickFormat: number },
    y: { ...axis(plotted.y), type: 'log', domain: [10 ** low, decades.at(-1)], ticks: decades },
    marks: [
      // The moment that everything is counted from.
      domain[0] < 0 && domain[1] > 0 ? Plot.ruleX([0], { strokeDasharray: '2 3' }) : null,
      Plot.dot(new Map(shown.map((place) => [place.join(), place])).values(), {
        ...PLACE,
        r: 1.75,
        fill: COLOUR,
        fillOpacity: 0.8,
      }),
    ],
  });
}

/** A line for each, with its name at its end. @param logTicks with labels, where x is logarithmic: from the first one on */
export function lines(plotted: Plotted, series: readonly Line[], logTicks?: ReadonlyMap<number, string>): Markup {
  const all = series.flatMap(({ points }) => points);
  const [, most] = extent(all.map(([x]) => x));
  const ticks = logTicks === undefined ? valuesOf(all) : [...logTicks.keys()].filter((tick) => tick <= most);
  const logarithmic = { type: 'log', domain: [ticks[0] ?? 1, most], clamp: true } as const;
  const y = fromZero(plotted.y, all);
  const ends = apart(series, y.domain[1] * (LABEL / (LINES_SIZE[1] - TOP - BOTTOM)));
  const description = series.map(({ name, points }) => `${name}: ${pairs(points)}`).join('; ');
  return picture(`${plotted.title}: ${description}`, {
    ...frame(...LINES_SIZE, all, roomFor(series.map(({ name }) => name))),
    x: {
      ...{ label: plotted.x, ticks, tickSize: 0, tickFormat: (tick: number) => logTicks?.get(tick) ?? number(tick) },
      ...(logTicks === undefined ? { domain: [0, most] } : logarithmic),
    },
    y,
    marks: [
      ...series.map(({ points, colour, dashes }) =>
        Plot.line(points, { ...PLACE, stroke: colour, strokeWidth: 2, ...(dashes && { strokeDasharray: dashes }) }),
      ),
      ...series.map(({ points, colour }) => Plot.dot(points, { ...PLACE, fill: colour })),
      Plot.link(
        ends.filter(({ x }) => x < most),
        { x1: 'x', y1: 'y', x2: most, y2: 'label', stroke: 'colour', strokeDasharray: '1 4' },
      ),
      Plot.text(ends, { ...LABELS, x: most, y: 'label', text: 'name', fill: 'colour', fontWeight: 600 }),
    ],
  });
}

/** Lying bars, each with its value behind it and a line from the least to the most. */
export function ranges(title: string, unit: string, rows: readonly Bar[]): Markup {
  const valueText = ({ spread }: Bar) => (spread === null ? 'missing' : quantity(spread.median, unit));
  const words = rows.map(({ name, spread }) => `${name}: ${spread === null ? 'missing' : withRange(spread, unit)}`);
  const known = rows.flatMap(({ spread, ...row }) => (spread === null ? [] : { ...row, ...spread }));
  const max = ({ spread }: Bar) => spread?.max ?? 0;
  const [marginLeft, marginRight] = [roomFor(rows.map(({ name }) => name)), roomFor(rows.map(valueText))];
  return picture(`${title}: ${words.join(', ')}`, {
    ...{ width: LINES_SIZE[0], height: rows.length * ROW, marginTop: 0, marginBottom: 0, marginLeft, marginRight },
    x: { axis: null, domain: [0, Math.max(1, ...rows.map(max))] },
    y: { label: null, tickSize: 0, padding: 0.45, domain: rows.map(({ name }) => name) },
    marks: [
      Plot.barX(known, { x: 'median', y: 'name', fill: 'colour', fillOpacity: 0.65 }),
      Plot.ruleY(known, { x1: 'min', x2: 'max', y: 'name' }),
      ...['min', 'max'].map((x) => Plot.tickX(known, { x, y: 'name', inset: 4 })),
      Plot.text(rows, { x: max, y: 'name', text: valueText, ...LABELS }),
    ],
  });
}

function picture(label: string, options: Plot.PlotOptions): Markup {
  return new Markup(Plot.svgOf(label, options));
}

/** The size, and room beside the numbers of y and on the right. */
function frame(width: number, height: number, all: readonly Point[], marginRight = 10): Plot.PlotOptions {
  const marginLeft = roomFor([0.25, ...extent(all.map(([, y]) => y))].map(number));
  return { width, height, marginTop: TOP, marginBottom: BOTTOM, marginLeft, marginRight };
}

function axis(label: string) {
  return { label, labelArrow: 'none', grid: true, tickSize: 0, tickFormat: number } as const;
}

function fromZero(label: string, all: readonly Point[]) {
  return { ...axis(label), nice: 4, ticks: 4, domain: [0, Math.max(1, extent(all.map(([, y]) => y))[1])] } as const;
}

/** Room for these texts and beside them, in the drawing's pixels. */
function roomFor(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length * CHARACTER)) + 2 * GAP;
}

function pairs(points: readonly Point[]): string {
  return points.map(([x, y]) => `${number(x)}: ${number(y)}`).join(', ');
}

/** All values of x, ascending. */
function valuesOf(points: readonly Point[]): number[] {
  return [...new Set(points.map(([x]) => x))].toSorted((a, b) => a - b);
}

/** The least and the most: of more values than a call can take. */
function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0.1, 1];
  return values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}

/** The last point of each line, and where its label is, moved upwards so that labels do not overlap. */
function apart(series: readonly Line[], gap: number) {
  const ends = series.map(({ points, ...line }) => {
    const [x, y] = points.at(-1) ?? [0, 0];
    return { ...line, x, y, label: y };
  });
  let above = Number.NEGATIVE_INFINITY;
  for (const end of ends.toSorted((a, b) => a.y - b.y)) {
    end.label = Math.max(end.y, above + gap);
    above = end.label;
  }
  return ends;
}
