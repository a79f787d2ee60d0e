// What the benchmarks have in common beside the harness (src/compare): options, the machine, tables and raw numbers.
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { machineFacts } from '../dist/compare/compare.js';
import { spreadOf } from '../dist/util/statistics.js';

export function bounded(name, value, least, most) {
  const number = Number(value);
  if (!(number >= least && number <= most)) throw new RangeError(`--${name} takes ${least} to ${most}, not '${value}'`);
  return number;
}

export function listed(name, value, known) {
  const list = value.split(',').map((item) => item.trim());
  for (const item of list) if (!known.includes(item)) throw new RangeError(`--${name} does not take '${item}'`);
  return list;
}

export function machine() {
  return { ...machineFacts(), load: loadavg()[0] };
}

/** @returns where raw numbers go */
export function outOf(option, name) {
  return resolve(option ?? join(import.meta.dirname, 'results', name));
}

/** Keeps raw numbers. */
export function save(file, result, indent) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, indent)}\n`);
}

export function tellRawNumbers(file) {
  console.log(`\nRaw numbers: ${relative('.', file)}`);
}

/** 'median (min to max)'. */
export function spread(numbers, write = short) {
  const { median, min, max } = spreadOf(numbers);
  return `${write(median)} (${write(min)} to ${write(max)})`;
}

export function table(rows) {
  const names = Object.keys(rows[0]);
  const cells = [names, ...rows.map((row) => names.map((name) => `${row[name]}`))];
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

function short(number) {
  return number >= 1000 ? `${Math.round(number)}` : `${Number(number.toPrecision(number < 10 ? 2 : 3))}`;
}
