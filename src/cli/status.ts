import { readServer } from '../scoreboard/index.js';
import { collect, renderText } from '../status/index.js';
import { defineCommand, UsageError } from './command.js';
import { LOOKING, show } from './looking.js';
import { serverOf } from './server-of.js';

export const status = defineCommand({
  name: 'status',
  summary: 'Show how a server and each of its workers go',
  positionals: '[PID]',
  options: LOOKING,
  run({ values, positionals: [pid, ...others] }) {
    if (others.length > 0) throw new UsageError('status shows one server at a time');
    const server = serverOf(pid, values.pidfile);
    return show(values, () => collect(readServer(server)), renderText);
  },
});
