import { readFileSync } from 'node:fs';
import { findServers, readServer } from '../scoreboard/index.js';
import { collect, renderJson, renderText, type Status } from '../status/index.js';
import { defineCommand, UsageError } from './command.js';
import { print } from './print.js';
import { watch } from './watch.js';

export const status = defineCommand({
  name: 'status',
  summary: 'Show how a server and each of its workers go',
  positionals: '[PID]',
  options: {
    pidfile: { type: 'string', placeholder: 'file', help: 'the server whose process id is in this file' },
    json: { type: 'boolean', help: 'as JSON; with --watch, one line for each time' },
    watch: { type: 'boolean', help: 'show it again and again; q ends it' },
    interval: { type: 'string', default: '1', placeholder: 'seconds', help: 'how often --watch does' },
  },
  async run({ values, positionals: [pid, ...others] }) {
    if (others.length > 0) throw new UsageError('status shows one server at a time');
    if (pid !== undefined && values.pidfile !== undefined) throw new UsageError('a PID or --pidfile; choose one');
    const interval = seconds(values.interval) * 1000;
    const server = serverOf(pid, values.pidfile);
    const look = () => collect(readServer(server));
    if (!values.watch) return print((values.json ? renderJson : renderText)(look()));
    const line = (now: Status) => `${JSON.stringify(now)}\n`;
    return watch({ look, render: values.json ? line : renderText, interval, full: !values.json });
  },
});

function serverOf(pid: string | undefined, pidfile: string | undefined): number {
  if (pid !== undefined) return processId(pid, 'PID');
  if (pidfile !== undefined) return processId(readFileSync(pidfile, 'utf8').trim(), pidfile);
  const servers = findServers();
  const [only] = servers;
  if (only === undefined) throw new Error('no prefork server runs');
  if (servers.length === 1) return only;
  const names = servers.map((server) => `${server} (${readServer(server).description.app})`);
  throw new UsageError(`several servers run; choose one: ${names.join(', ')}`);
}

function processId(text: string, where: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`${where} must be a process id, not '${text}'`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value >= 0.1 && value <= 3600) return value;
  throw new UsageError(`--interval must be 0.1 to 3600 seconds, not '${text}'`);
}
