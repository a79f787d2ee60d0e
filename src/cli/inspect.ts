import { writeFileSync } from 'node:fs';
import { type Inspection, inspect as look, renderDot, renderSvg, renderText } from '../inspect/index.js';
import { defineCommand, UsageError } from './command.js';
import { print } from './print.js';
import { PIDFILE, processId, serverOf } from './server-of.js';
import { INTERVAL, interval, watch } from './watch.js';

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'Show the processes of a server, or of any process tree, and which descriptors mean the same',
  positionals: '[PID…]',
  options: {
    pidfile: PIDFILE,
    json: { type: 'boolean', help: 'as JSON; with --watch, one line for each time' },
    watch: { type: 'boolean', help: 'show it again and again; q ends it' },
    interval: INTERVAL,
    dot: { type: 'boolean', help: 'as a picture in the language of Graphviz' },
    svg: { type: 'string', placeholder: 'file', help: 'draw the picture into this file' },
    all: { type: 'boolean', help: 'also the epoll instances, eventfds and pipes that a process has for itself' },
  },
  notes:
    'Each row of the table is an open file description, each column a process, each cell the descriptors by which it\n' +
    'holds it. kcmp(2) proves which descriptors mean the same; it needs the right to trace the processes.',
  async run({ values, positionals }) {
    const { json, dot, svg, all = false } = values;
    const forms = Object.entries({ json, dot, svg }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (forms.length > 1) throw new UsageError(`--${forms[0]} or --${forms[1]}; choose one`);
    if (values.watch && (dot || svg !== undefined)) throw new UsageError('--watch is for the table and --json');
    const milliseconds = interval(values.interval);
    const roots = rootsOf(positionals, values.pidfile);
    const text = (now: Inspection) => renderText(now, { all });
    if (values.watch) {
      const render = json ? line : text;
      return watch({ look: () => look(roots), render, interval: milliseconds, full: !json });
    }
    const seen = look(roots);
    if (json) return print(`${JSON.stringify(seen, null, 2)}\n`);
    if (dot) return print(renderDot(seen, { all }));
    if (svg === undefined) return print(text(seen));
    writeFileSync(svg, renderSvg(seen, { all }));
    return 0;
  },
});

function line(seen: Inspection): string {
  return `${JSON.stringify(seen)}\n`;
}

function rootsOf(given: readonly string[], pidfile: string | undefined): number[] {
  if (given.length <= 1) return [serverOf(given[0], pidfile)];
  if (pidfile !== undefined) throw new UsageError('PIDs or --pidfile; choose one');
  return given.map((text) => processId(text, 'PID'));
}
