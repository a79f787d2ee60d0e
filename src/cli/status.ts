import { readServer } from '../scoreboard/index.js';
import { collect, renderJson, renderText, type Status } from '../status/index.js';
import { defineCommand, UsageError } from './command.js';
import { print } from './print.js';
import { PIDFILE, serverOf } from './server-of.js';
import { INTERVAL, interval, watch } from './watch.js';

export const status = defineCommand({
  name: 'status',
  summary: 'Show how a server and each of its workers go',
  positionals: '[PID]',
  options: {
    pidfile: PIDFILE,
    json: { type: 'boolean', help: 'as JSON; with --watch, one line for each time' },
    watch: { type: 'boolean', help: 'show it again and again; q ends it' },
    interval: INTERVAL,
  },
  async run({ values, positionals: [pid, ...others] }) {
    if (others.length > 0) throw new UsageError('status shows one server at a time');
    const milliseconds = interval(values.interval);
    const server = serverOf(pid, values.pidfile);
    const look = () => collect(readServer(server));
    if (!values.watch) return print((values.json ? renderJson : renderText)(look()));
    const line = (now: Status) => `${JSON.stringify(now)}\n`;
    return watch({ look, render: values.json ? line : renderText, interval: milliseconds, full: !values.json });
  },
});
