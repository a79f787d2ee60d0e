import { styleText } from 'node:util';
import { printable } from '../../util/printable.js';
import { type Claim, documentOf, type Verdict } from '../claims/claims.js';
import type { Cell, Comparison, Row } from '../comparison.js';
import { gapsIn, isInWords, number, quantity, range, reasonOf, withRange } from './format.js';

interface TextOptions {
  /** How wide the terminal is; no line is longer, but on one of less than 40 columns. */
  readonly columns: number;
  /** As far as the terminal and NO_COLOR let it. */
  readonly colour: boolean;
}

type Style = Parameters<typeof styleText>[0];

interface Page {
  readonly columns: number;
  readonly paint: (style: Style, text: string) => string;
}

type Models = Comparison['models'];
/** A cell of a table, in lines. */
type Lines = readonly string[];
type Column = readonly Lines[];

const STYLES: Readonly<Record<Verdict, Style>> = {
  holds: 'green',
  partly: 'yellow',
  'does not hold': 'red',
  'not measured': 'dim',
};
/** The name of a model and one figure need so much. */
const NARROWEST = 40;
const INDENT = 2;
const LABEL = 18;

/** The comparison as text for a terminal or a file. */
export function renderText(comparison: Comparison, { columns, colour }: TextOptions): string {
  const paint: Page['paint'] = (style, text) => (colour ? styleText(style, text) : text);
  const page = { columns: Math.max(columns, NARROWEST), paint };
  const lines = [
    ...heading(comparison, page),
    ...comparison.rows.flatMap((row) => ['', ...rowLines(row, comparison.models, page)]),
    ...documentLines(comparison, page),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function heading({ date, quick, rounds, machine, seconds, models }: Comparison, page: Page): string[] {
  const { cpu, cores, kernel, node, prefork, load } = machine;
  const when = `${date.slice(0, 16).replace('T', ' ')} UTC`;
  const lines = [
    `prefork ${prefork} compare${quick ? ' --quick' : ''}, ${when}, took ${number(seconds)} s`,
    `${cores} × ${cpu}, Linux ${kernel}, Node ${node}, load ${load.map(number).join(' before, ')} after`,
    `Figures that vary: ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds, each with its least and its most`}`,
  ];
  return [
    ...lines.flatMap((line) => wrap(line, page.columns)),
    ...models.flatMap(({ name, sentence }) => hanging(name, sentence, widthOf(models), page)),
  ];
}

function rowLines(row: Row, models: Models, page: Page): string[] {
  const remarks = models.flatMap(({ id, name }) => hanging(name, remark(row, row.cells[id]), widthOf(models), page));
  const body = isInWords(row) ? list(row, models, page) : [...table(row, models, page), ...remarks];
  const how = wrap(`how: ${row.how}`, page.columns - INDENT);
  return [
    ...wrap(row.title, page.columns).map((line) => page.paint('bold', line)),
    ...body,
    ...how.map((line) => indented(page.paint('dim', line))),
  ];
}

/** A line for each model, or some when it is long. */
function list(row: Row, models: Models, page: Page): string[] {
  return models.flatMap(({ id, name }) => hanging(name, inWords(row, row.cells[id]), widthOf(models), page));
}

function inWords(row: Row, cell: Cell): string {
  const figures = Object.entries(row.figures).flatMap(([name, { label, unit }]) => {
    const spread = cell.figures[name];
    return spread ? `${label} ${withRange(spread, unit)}` : [];
  });
  return [cell.seen, figures.join(', '), remark(row, cell)].filter(Boolean).join('; ');
}

/** What else is said of a cell: why it or some of its figures are missing, or its note. */
function remark(row: Row, cell: Cell): string {
  if (cell.missing !== null) return `missing: ${cell.missing}`;
  const gaps = gapsIn(row, cell);
  return gaps.length === 0 ? (cell.note ?? '') : `“${gaps.join('”, “')}” missing: ${reasonOf(cell)}`;
}

/** Figures alone, a line for each model with the range of the rounds beneath, in as many tables as the width asks for. */
function table({ figures, cells }: Row, models: Models, page: Page): string[] {
  const names: Column = [[''], ...models.map(({ name }) => [name])];
  const tables: Column[][] = [];
  for (const [figure, { label, unit }] of Object.entries(figures)) {
    const values = models.map(({ id }) => {
      const spread = cells[id].figures[figure];
      return spread ? [quantity(spread.median, unit), range(spread)].filter(Boolean) : ['missing'];
    });
    const column = [wrap(label, LABEL), ...values];
    const last = tables.at(-1);
    if (last !== undefined && fits([...last, column], page)) last.push(column);
    else tables.push([names, column]);
  }
  return tables.flatMap((columns) => aligned(columns, page));
}

function fits(columns: readonly Column[], page: Page): boolean {
  return columns.reduce((sum, column) => sum + columnWidth(column) + 2, -2) <= page.columns - INDENT;
}

function aligned(columns: readonly Column[], page: Page): string[] {
  return (columns[0] ?? []).flatMap((_, row) => {
    const height = Math.max(...columns.map((column) => column[row]?.length ?? 0));
    return Array.from({ length: height }, (_, line) => {
      const texts = columns.map((column, index) => {
        const text = column[row]?.[line] ?? '';
        const padding = ' '.repeat(columnWidth(column) - text.length);
        if (index === 0 || text === '') return text + padding;
        return padding + (row === 0 || line > 0 ? page.paint('dim', text) : text);
      });
      return indented(texts.join('  '));
    });
  });
}

function columnWidth(column: Column): number {
  return Math.max(0, ...column.flat().map(({ length }) => length));
}

function documentLines(comparison: Comparison, page: Page): string[] {
  return documentOf(comparison).flatMap(({ english, topics }) => [
    '',
    ...wrap(`The document: ${english}`, page.columns).map((line) => page.paint('bold', line)),
    ...topics.flatMap(({ english: topic, claims }) => [
      ...wrap(topic, page.columns - INDENT).map(indented),
      ...claims.flatMap((claim) => claimLines(claim, comparison, page)),
    ]),
  ]);
}

function claimLines({ english, evaluate }: Claim, comparison: Comparison, page: Page): string[] {
  const { verdict, because } = evaluate(comparison);
  const width = Math.max(...Object.keys(STYLES).map(({ length }) => length));
  const [first = '', ...others] = hanging(verdict, english, width, page);
  return [
    first.replace(verdict, page.paint(STYLES[verdict], verdict)),
    ...others,
    ...hanging('', `because: ${because}`, width, page).map((line) => page.paint('dim', line)),
  ];
}

/** A name, and a text beside it in as many lines as it needs; nothing where there is no text. */
function hanging(name: string, text: string, width: number, page: Page): string[] {
  if (text === '') return [];
  return wrap(text, page.columns - INDENT - width - 2).map((line, index) =>
    indented(`${(index === 0 ? name : '').padEnd(width)}  ${line}`),
  );
}

function widthOf(models: Models): number {
  return Math.max(...models.map(({ name }) => name.length));
}

function indented(line: string): string {
  return ' '.repeat(INDENT) + line;
}

/** Lines no longer than the width; nothing in them garbles a terminal. */
function wrap(text: string, width: number): string[] {
  const room = Math.max(8, width);
  const line = printable(Buffer.from(text.replace(/\s+/g, ' ').trim()), 10_000);
  return line.match(new RegExp(`\\S(?:.{0,${room - 1}}(?= |$)|\\S{${room - 1}})`, 'gu')) ?? [''];
}
