import type { Spread } from '../../util/statistics.js';
import type { Cell, Row } from '../comparison.js';

// How numbers and what is missing are written on the terminal, in the report and in sentences.

const ENGLISH = new Intl.NumberFormat('en', { maximumFractionDigits: 20 });

/** Three digits where it is not whole: what is measured is seldom surer. */
export function number(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return ENGLISH.format(rounded).replace('-', '−');
}

/** '12.3 ms', '9,000/s', '98%'. */
export function quantity(value: number, unit: string): string {
  return `${number(value)}${/^\w/.test(unit) || unit.startsWith('µ') ? ' ' : ''}${unit}`;
}

/** From the least to the most of several rounds; '' where they do not differ. */
export function range({ min, max }: Spread): string {
  const [least, most] = [number(min), number(max)];
  return least === most ? '' : `${least} to ${most}`;
}

/** '12.3 ms (11 to 14)'. */
export function withRange(spread: Spread, unit: string): string {
  const between = range(spread);
  return `${quantity(spread.median, unit)}${between && ` (${between})`}`;
}

/** Whether it says what was seen, and does not give figures alone. */
export function isInWords({ figures, cells }: Row): boolean {
  return Object.keys(figures).length === 0 || Object.values(cells).some(({ seen }) => seen !== null);
}

/** Why there is nothing of a model, or not all. */
export function reasonOf({ missing, note }: Cell): string {
  return missing ?? note ?? 'no reason was given';
}

/** The labels of the figures that a cell does not have. */
export function gapsIn({ figures }: Row, cell: Cell): string[] {
  return Object.entries(figures).flatMap(([name, { label }]) => (cell.figures[name] ? [] : label));
}

export function roundsOf(row: Row): number {
  return Math.max(0, ...Object.values(row.cells).map(({ findings }) => findings.length));
}
