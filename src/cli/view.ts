import { readStat } from '../proc/process.js';
import { Live } from '../view/live.js';
import { foreign, OwnServer } from '../view/observed.js';
import { Recording, readRecording } from '../view/recording.js';
import { replay, serveView } from '../view/server.js';
import { defineCommand, integer, UsageError } from './command.js';
import { print } from './print.js';
import { processId } from './resolve-server.js';

export const view = defineCommand({
  name: 'view',
  summary: 'Show a running server as a live figure in a browser',
  positionals: '[PID|FILE]',
  options: {
    port: { type: 'string', short: 'p', default: '0', placeholder: 'number', help: "the page's port; 0 takes any" },
    workers: {
      type: 'string',
      short: 'w',
      default: '3',
      placeholder: 'number',
      help: 'how many children its own prefork echo forks',
    },
    record: { type: 'string', placeholder: 'file', help: 'write all that is seen into this new file' },
  },
  notes:
    'Without a PID, it starts a prefork echo of its own, with buttons that act on it. With the PID of another server\n' +
    'it only looks, and connects clients. With a file of --record, it replays that. It serves this machine only, at an\n' +
    'address that nobody can guess, and ends with Ctrl-C.',
  async run({ values, positionals: [given, ...more] }) {
    if (more[0] !== undefined) throw new UsageError(`one server at a time: unexpected argument '${more[0]}'`);
    const port = integer('--port', values.port, 0, 65535);
    const workers = integer('--workers', values.workers, 1, 32);
    if (given !== undefined && !/^\d+$/.test(given)) {
      if (values.record !== undefined) throw new UsageError('--record is for a running server, not for a recording');
      const server = await serveView(replay(readRecording(given)), port);
      print(`prefork view: ${server.address}\n`);
      await interrupted();
      server.close();
      return 0;
    }
    const pid = given === undefined ? undefined : processId(given, 'PID');
    if (pid !== undefined && readStat(pid) === undefined) throw new Error(`there is no process ${pid}`);
    const own = given === undefined ? new OwnServer(workers) : undefined;
    const observed = own ?? foreign(pid === undefined ? [] : [pid]);
    const recording = values.record === undefined ? undefined : new Recording(values.record);
    const ended = interrupted();
    try {
      await own?.start();
      const live = new Live(observed, recording);
      try {
        const server = await serveView(live, port);
        print(`prefork view: ${server.address}\n`);
        await ended;
        server.close();
      } finally {
        live.close();
      }
    } finally {
      await observed.close();
    }
    return 0;
  },
});

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}
