import { html, type Markup } from '../../util/markup.js';
import type { Model } from '../models.js';
import type { Plot, Point } from '../scenario.js';
import { number } from './format.js';

/** What one model has to be drawn. */
export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly model: Model;
  readonly name: string;
  readonly points: readonly Point[];
  /** Those of all models, whose axes are the same. */
  readonly all: readonly Point[];
  readonly plot: Plot;
}

/** Of all text in a plot, in the drawing's pixels: generous, as the reader's font is not known. */
const CHARACTER = 6.7;
const GAP = 6;
/** Room above for what y is and below for the ticks of x and what x is. */
const TOP = 30;
const BOTTOM = 36;

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What the axes need of a d3 scale. */
type Scale = (value: number) => number;

interface Axes {
  readonly box: Box;
  readonly x: Scale;
  readonly y: Scale;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly names: { readonly x: string; readonly y: string };
}

export function textWidth(text: string): number {
  return text.length * CHARACTER;
}

/** Where the marks are: beside the ticks of y, with so much room on the right. */
export function boxOf(width: number, height: number, yTicks: readonly number[], room = 10): Box {
  const left = Math.max(...yTicks.map((tick) => textWidth(number(tick)))) + 2 * GAP;
  return { left, right: width - room, top: TOP, bottom: height - BOTTOM };
}

/** A picture that a screen reader reads as its title and description. */
export function drawing(
  { id, title, description }: { readonly id: string; readonly title: string; readonly description: string },
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

/** Lines across at the ticks of y, ticks of x beneath, and what they are. */
export function axes({ box, x, y, xTicks, yTicks, names }: Axes): Markup {
  const { left, right, top, bottom } = box;
  return html`<g class="axes">
${yTicks.map(
  (tick) => html`<path class="grid" d="M${at(left)} ${at(y(tick))}H${at(right)}"/>
${text(left - GAP, y(tick) + 4, number(tick), 'end')}`,
)}
${thinned(xTicks, x).map((tick) => text(x(tick), bottom + 15, number(tick), 'middle'))}
<path class="base" d="M${at(left)} ${at(bottom)}H${at(right)}"/>
${text(0, top - 19, names.y, 'start')}
${text(right, bottom + 31, names.x, 'end')}
</g>`;
}

export function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', kind = ''): Markup {
  return html`<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" class="${kind}">${content}</text>`;
}

/** A coordinate: tenths of a pixel are enough. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Ticks whose labels do not touch each other, the first among those that would. */
function thinned(ticks: readonly number[], x: Scale): number[] {
  let end = Number.NEGATIVE_INFINITY;
  return ticks.filter((tick) => {
    const half = textWidth(number(tick)) / 2;
    const free = x(tick) - half >= end;
    if (free) end = x(tick) + half + GAP;
    return free;
  });
}
