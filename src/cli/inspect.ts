import { findRunning, inspect as look, renderDot, renderSvg, renderText } from '../inspect/index.js';
import { printable } from '../util/printable.js';
import { defineCommand, UsageError } from './command.js';
import { print, save } from './print.js';
import { processId, serverOf } from './resolve-server.js';
import { LOOKING, show } from './view-options.js';

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'Show the processes of a server, or of any process tree, and which descriptors mean the same',
  positionals: '[PID…]',
  options: {
    ...LOOKING,
    dot: { type: 'boolean', help: 'as a picture in the language of Graphviz' },
    svg: { type: 'string', placeholder: 'file', help: 'draw the picture into this file' },
    all: { type: 'boolean', help: 'also the epoll instances, eventfds and pipes that a process has for itself' },
  },
  notes:
    'Each row of the table is an open file description, each column a process, each cell the descriptors by which it\n' +
    'holds it. kcmp(2) proves which descriptors mean the same; it needs the right to trace the processes.\n' +
    'Without a PID, it shows the only server that runs here by prefork.',
  run({ values, positionals }) {
    const { json, dot, svg, watch, all = false } = values;
    const forms = Object.entries({ json, dot, svg }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (forms.length > 1) throw new UsageError(`--${forms[0]} or --${forms[1]}; choose one`);
    if (watch && (dot || svg !== undefined)) throw new UsageError('--watch is for the table and --json');
    const roots = rootsOf(positionals, values.pidfile);
    if (dot) return print(renderDot(look(roots), { all }));
    if (svg === undefined)
      return show(
        values,
        () => look(roots),
        (seen) => renderText(seen, { all }),
      );
    save(svg, renderSvg(look(roots), { all }));
    return 0;
  },
});

/** The tops of the trees to show: those given, or the only server that runs. @throws UsageError */
export function rootsOf(given: readonly string[], pidfile: string | undefined): number[] {
  if (given.length === 0 && pidfile === undefined) return [theServer()];
  if (given.length <= 1) return [serverOf(given[0], pidfile)];
  if (pidfile !== undefined) throw new UsageError('PIDs or --pidfile; choose one');
  return given.map((text) => processId(text, 'PID'));
}

function theServer(): number {
  // What another user runs is not what root means.
  const servers = findRunning().filter(({ uid }) => uid === process.geteuid?.());
  const [only] = servers;
  if (only === undefined) throw new Error("no prefork server of this user's runs; give the PID of any process");
  if (servers.length === 1) return only.pid;
  const names = servers.map(({ pid, command }) => `${pid} (${printable(Buffer.from(command), 200)})`).join(', ');
  throw new UsageError(`several servers run; give the PID of one or more: ${names}`);
}
