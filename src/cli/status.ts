import { readHeader, readServer } from '../scoreboard/index.js';
import { collect, type Outline, outline, renderOutline, renderText, type Status } from '../status/index.js';
import { defineCommand, UsageError } from './command.js';
import { serverOf } from './resolve-server.js';
import { LOOKING, show } from './view-options.js';

export const status = defineCommand({
  name: 'status',
  summary: 'Show how a server and each of its workers go',
  positionals: '[PID]',
  options: LOOKING,
  run({ values, positionals: [pid, ...others] }) {
    if (others.length > 0) throw new UsageError('status shows one server at a time');
    const server = serverOf(pid, values.pidfile);
    return show(values, () => look(server), render);
  },
});

/** A server's status, or its outline, which every version can read, where this one cannot read its scoreboard. */
function look(server: number): Status | Outline {
  const header = readHeader(server);
  return header.known ? collect(readServer(server)) : outline(header);
}

function render(now: Status | Outline, before?: Status | Outline): string {
  if ('note' in now) return renderOutline(now);
  return renderText(now, before && 'note' in before ? undefined : before);
}
