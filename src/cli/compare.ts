import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Scenario } from '../compare/scenario.js';
import { defineCommand, integer, UsageError } from './command.js';
import { print, save } from './print.js';
import { progressLine } from './progress.js';

export const compare = defineCommand({
  name: 'compare',
  summary: 'Hold prefork against node:cluster and an event loop, side by side on this machine',
  options: {
    quick: { type: 'boolean', help: 'less of everything, within two minutes' },
    only: { type: 'string', placeholder: 'rows', help: 'these alone, by their ids in --json, with commas' },
    rounds: {
      type: 'string',
      placeholder: 'number',
      help: 'how often figures that vary are measured (default: 5, quick 1)',
    },
    report: { type: 'string', placeholder: 'file', help: 'also write a page of html with tables and plots' },
    json: { type: 'boolean', help: 'print the raw numbers of all rounds as JSON' },
  },
  async run({ values }) {
    // Not before: no other command is to load it.
    const { FULL, QUICK, SCENARIOS, compare, exitOnSignals, renderReport, renderText } = await import(
      '../compare/index.js'
    );
    const report = values.report === undefined ? undefined : writable(values.report);
    const scenarios = values.only === undefined ? SCENARIOS : chosen(SCENARIOS, values.only.split(','));
    const quick = values.quick ?? false;
    const size = quick ? QUICK : FULL;
    const rounds = values.rounds === undefined ? size.rounds : integer('--rounds', values.rounds, 1, 50);
    exitOnSignals();
    const line = progressLine(process.stderr);
    const comparison = await compare({
      scenarios,
      quick,
      size: { ...size, rounds },
      progress: (what, done, total) => line.show(`${done} of ${total} done, now ${what}`),
    }).finally(() => line.clear());
    if (report !== undefined) save(report, renderReport(comparison));
    if (values.json) return print(`${JSON.stringify(comparison, null, 2)}\n`);
    const { columns = 100, isTTY } = process.stdout;
    return print(renderText(comparison, { columns, colour: isTTY }));
  },
});

/** Only the rows of these ids. @throws UsageError */
function chosen(scenarios: readonly Scenario[], ids: readonly string[]): Scenario[] {
  const known = scenarios.map(({ id }) => id);
  for (const id of ids) {
    if (!known.includes(id)) throw new UsageError(`--only knows no '${id}'; there are ${known.join(', ')}`);
  }
  return scenarios.filter(({ id }) => ids.includes(id));
}

/** The path of a file that can be written, which is better known before the work than after it. @throws UsageError */
function writable(file: string): string {
  const path = resolve(file);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--report ${file} is a folder; name a file`);
  }
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--report ${file} cannot be written (${code}); choose another place`);
  }
  return path;
}
