import type { HistoryPoint, Mark } from '../history.js';

// A plot's shapes, from numbers.

/** The plot's own units: it is stretched to the place that there is. */
export const WIDTH = 300;
export const HEIGHT = 60;

/** What a plot shows: points in time between two times, and values from 0 to the largest. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

/** What there is to see of a point; null where it is not known. */
export interface Value {
  readonly time: number;
  readonly value: number | null;
}

export function xOf({ from, to }: Scale, time: number): number {
  return tenths((WIDTH * (time - from)) / (to - from));
}

/** Downwards, as SVG has it; a plot of zeros is a line at its foot. */
export function yOf({ most }: Scale, value: number): number {
  return tenths(most > 0 ? HEIGHT * (1 - value / most) : HEIGHT);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The path of a line through known values. @param gap milliseconds without one over which no line is drawn */
export function linePath(scale: Scale, values: readonly Value[], gap: number): string {
  let before: number | undefined;
  const known = values.filter(({ time, value }) => value !== null && time >= scale.from && time <= scale.to);
  return known
    .map(({ time, value }) => {
      const command = before === undefined || Math.abs(time - before) > gap ? 'M' : 'L';
      before = time;
      const place = `${xOf(scale, time)} ${yOf(scale, value ?? 0)}`;
      return command === 'M' ? `M${place}l0 0` : `L${place}`; // A line of no length is a dot.
    })
    .join('');
}

/** The path of a bar for each value that is not 0, from the foot of the plot. */
export function barPath(scale: Scale, values: readonly Value[]): string {
  const shown = values.filter(({ time, value }) => (value ?? 0) > 0 && time >= scale.from && time <= scale.to);
  return shown.map(({ time, value }) => `M${xOf(scale, time)} ${HEIGHT}V${yOf(scale, value ?? 0)}`).join('');
}

export function largest(values: readonly Value[]): number {
  return values.reduce((most, { value }) => Math.max(most, value ?? 0), 0);
}

/** The newest value that is known. */
export function newest(values: readonly Value[]): number | null {
  return values.findLast(({ value }) => value !== null)?.value ?? null;
}

export function marksOf(points: readonly HistoryPoint[]): Mark[] {
  return points.flatMap(({ marks }) => marks);
}

/** The times of a plot's edges: what there is, but no less than `least` milliseconds and no more than `most`. */
export function edges(points: readonly HistoryPoint[], least: number, most: number): Pick<Scale, 'from' | 'to'> {
  const times = points.map(({ time }) => time);
  const to = Math.max(...times);
  return { from: to - Math.min(Math.max(to - Math.min(...times), least), most), to };
}

/** The CSS class of a mark's line: died, begins, reloaded, failed. */
export function className({ type }: Pick<Mark, 'type'>): string {
  return type.replace('reload ', '');
}
