import { readServer } from '../scoreboard/index.js';
import { collect, renderJson, renderText, type Status } from '../status/index.js';
import { defineCommand, UsageError } from './command.js';
import { print } from './print.js';
import { PIDFILE, serverOf } from './server-of.js';
import { watch } from './watch.js';

export const status = defineCommand({
  name: 'status',
  summary: 'Show how a server and each of its workers go',
  positionals: '[PID]',
  options: {
    pidfile: PIDFILE,
    json: { type: 'boolean', help: 'as JSON; with --watch, one line for each time' },
    watch: { type: 'boolean', help: 'show it again and again; q ends it' },
    interval: { type: 'string', default: '1', placeholder: 'seconds', help: 'how often --watch does' },
  },
  async run({ values, positionals: [pid, ...others] }) {
    if (others.length > 0) throw new UsageError('status shows one server at a time');
    const interval = seconds(values.interval) * 1000;
    const server = serverOf(pid, values.pidfile);
    const look = () => collect(readServer(server));
    if (!values.watch) return print((values.json ? renderJson : renderText)(look()));
    const line = (now: Status) => `${JSON.stringify(now)}\n`;
    return watch({ look, render: values.json ? line : renderText, interval, full: !values.json });
  },
});

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value >= 0.1 && value <= 3600) return value;
  throw new UsageError(`--interval must be 0.1 to 3600 seconds, not '${text}'`);
}
