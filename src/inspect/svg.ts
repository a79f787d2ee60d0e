import { cut } from '../util/columns.js';
import type { Inspection } from './inspection.js';
import { type Mark, type Picture, pictureOf } from './picture.js';
import type { ShowOptions } from './text.js';

/** Width of a character in a box's text, which is monospaced so that it can be cut to fit. */
const CHARACTER = 6.7;
const LINE = 16;
const GAP = 14;
const TOP = 64;
const MARGIN = 20;
const ROW = 20;
const PROCESS = { x: MARGIN, width: 210 };
const DESCRIPTOR = { x: PROCESS.x + PROCESS.width, width: 58 };
const DESCRIPTION = { x: 400, width: 230 };
const OBJECT = { x: 740, width: 440 };
const WIDTH = OBJECT.x + OBJECT.width + MARGIN;

const STYLE = `
  svg { max-width: 100%; height: auto; background: var(--back); color-scheme: light dark; --back: #fff; --text: #1c2330; --dim: #5d6778; --line: #9aa5b5; --box: #f1f4f8;
    --shared: #b4460f; --sharedbox: #fdeee4; --channel: #1c62b9; --channelbox: #e8f1fc; }
  @media (prefers-color-scheme: dark) { svg { --back: #14181f; --text: #e4e9f1; --dim: #9aa5b5; --line: #566172;
    --box: #1f2530; --shared: #ff9f5a; --sharedbox: #3a2617; --channel: #7ab3f5; --channelbox: #172a41; } }
  rect.back { fill: var(--back); stroke: none; } text { fill: var(--text); font: 11px ui-monospace, Menlo, Consolas, monospace; }
  .head { font: 600 13px system-ui, sans-serif; } .dim { fill: var(--dim); }
  rect { fill: var(--box); stroke: var(--line); } path { fill: none; stroke: var(--line); stroke-width: 1.3; }
  .shared rect { fill: var(--sharedbox); stroke: var(--shared); } path.shared { stroke: var(--shared); stroke-width: 1.8; }
  .channel rect { fill: var(--channelbox); stroke: var(--channel); } path.channel { stroke: var(--channel); }
`;

interface Column {
  readonly x: number;
  readonly width: number;
}

/** A self-contained picture in four columns, for light and dark surroundings. */
export function renderSvg(inspection: Inspection, options?: ShowOptions): string {
  const picture = pictureOf(inspection, options);
  const { heights, tops, middles, tallest } = layoutOf(picture);
  const height = TOP + tallest + MARGIN + picture.notes.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>Processes, their descriptors, and the open file descriptions that these mean</title>`,
    `<style>${STYLE}</style><rect class="back" width="${WIDTH}" height="${height}"/>`,
    ...heads(),
    ...edges(picture, tops.processes, middles.descriptions, middles.objects),
    ...picture.processes.map((process, index) =>
      processBox(process, picture, tops.processes[index] ?? 0, heights.processes[index] ?? 0),
    ),
    ...picture.descriptions.map(({ flags, mark }, index) =>
      box('description', tops.descriptions[index] ?? 0, [flags || '–'], mark),
    ),
    ...picture.objects.map(({ label, more, mark }, index) =>
      box('object', tops.objects[index] ?? 0, more === '' ? [label] : [label, more], mark),
    ),
    ...picture.notes.map((note, index) =>
      line(MARGIN, TOP + tallest + MARGIN + (index + 0.5) * ROW, fitting(note, WIDTH - MARGIN), 'dim'),
    ),
    '</svg>\n',
  ].join('\n');
}

function layoutOf({ processes, descriptions, objects }: Picture) {
  const heights = {
    processes: processes.map(({ descriptors }) => Math.max(2 * LINE + 8, descriptors.length * ROW)),
    descriptions: descriptions.map(() => LINE + 10),
    objects: objects.map(({ more }) => (more === '' ? 1 : 2) * LINE + 10),
  };
  const tallest = Math.max(...Object.values(heights).map(total));
  const tops = {
    processes: stacked(heights.processes, tallest),
    descriptions: stacked(heights.descriptions, tallest),
    objects: stacked(heights.objects, tallest),
  };
  const middlesOf = (column: keyof typeof tops) =>
    tops[column].map((top, index) => top + (heights[column][index] ?? 0) / 2);
  return {
    heights,
    tops,
    middles: { descriptions: middlesOf('descriptions'), objects: middlesOf('objects') },
    tallest,
  };
}

function heads(): string[] {
  const titles = [
    [PROCESS.x, 'process'],
    [DESCRIPTOR.x, 'fd'],
    [DESCRIPTION.x, 'open file description'],
    [OBJECT.x, 'socket, file, …'],
  ] as const;
  return titles.map(([x, title]) => line(x, TOP - 24, title, 'head'));
}

/** Where each box of a column begins; the column stands in the middle of the tallest one. */
function stacked(heights: readonly number[], tallest: number): number[] {
  let top = TOP + (tallest - total(heights)) / 2;
  return heights.map((height) => {
    const place = top;
    top += height + GAP;
    return place;
  });
}

function total(heights: readonly number[]): number {
  return heights.reduce((sum, height) => sum + height + GAP, -GAP);
}

function processBox(process: Picture['processes'][number], picture: Picture, top: number, height: number): string {
  const cells = process.descriptors.map(({ fd, description }, index) => {
    const mark = picture.descriptions[description]?.mark;
    const cell = rectangle(DESCRIPTOR, top + index * ROW, ROW);
    return group('descriptor', mark, `${cell}${line(DESCRIPTOR.x + 8, top + index * ROW + 14, String(fd))}`);
  });
  const title = line(PROCESS.x + 10, top + 17, String(process.pid), 'head');
  const name = line(PROCESS.x + 10, top + 17 + LINE, fitting(process.title, PROCESS.width), 'dim');
  return `<g class="process">${tooltip(process.title)}${rectangle(PROCESS, top, height)}${title}${name}</g>${cells.join('')}`;
}

function edges(
  { processes, descriptions }: Picture,
  tops: readonly number[],
  middles: readonly number[],
  objects: readonly number[],
): string[] {
  const held = processes.flatMap(({ descriptors }, process) =>
    descriptors.map(({ description }, index) => {
      const from = (tops[process] ?? 0) + index * ROW + ROW / 2;
      const mark = descriptions[description]?.mark;
      return curve(DESCRIPTOR.x + DESCRIPTOR.width, from, DESCRIPTION.x, middles[description] ?? 0, mark);
    }),
  );
  const open = descriptions.map(({ object, mark }, index) =>
    curve(DESCRIPTION.x + DESCRIPTION.width, middles[index] ?? 0, OBJECT.x, objects[object] ?? 0, mark),
  );
  return [...held, ...open];
}

function curve(x1: number, y1: number, x2: number, y2: number, mark: Mark): string {
  const half = (x1 + x2) / 2;
  return `<path${mark === undefined ? '' : ` class="${mark}"`} d="M${x1} ${y1}C${half} ${y1} ${half} ${y2} ${x2} ${y2}"/>`;
}

function box(kind: 'description' | 'object', top: number, lines: readonly string[], mark: Mark): string {
  const column = kind === 'object' ? OBJECT : DESCRIPTION;
  const texts = lines.map((text, index) =>
    line(column.x + 10, top + 17 + index * LINE, fitting(text, column.width), index === 0 ? '' : 'dim'),
  );
  const height = lines.length * LINE + 10;
  return group(kind, mark, `${tooltip(lines.join('\n'))}${rectangle(column, top, height)}${texts.join('')}`);
}

function group(kind: string, mark: Mark, content: string): string {
  return `<g class="${kind}${mark === undefined ? '' : ` ${mark}`}">${content}</g>`;
}

function rectangle({ x, width }: Column, y: number, height: number): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>`;
}

function line(x: number, y: number, text: string, name = ''): string {
  return `<text x="${x}" y="${y}"${name === '' ? '' : ` class="${name}"`}>${escaped(text)}</text>`;
}

function tooltip(text: string): string {
  return `<title>${escaped(text)}</title>`;
}

/** As much of a text as a box of so many pixels has room for. */
function fitting(text: string, width: number): string {
  return cut(text, Math.floor((width - 2 * 10) / CHARACTER));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
