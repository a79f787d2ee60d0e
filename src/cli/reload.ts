import { type Header, readHeader, readServer } from '../scoreboard/index.js';
import { defineCommand, UsageError } from './command.js';
import { print } from './print.js';
import { PIDFILE, serverOf } from './server-of.js';
import { until } from './until.js';

export const reload = defineCommand({
  name: 'reload',
  summary: 'Load the app of a server anew, and replace its workers without a gap; as SIGHUP does',
  positionals: '[PID]',
  options: { pidfile: PIDFILE },
  async run({ values, positionals: [given, ...others] }) {
    if (others.length > 0) throw new UsageError('reload is for one server at a time');
    const { pid, reload: before } = readHeader(serverOf(given, values.pidfile));
    process.kill(pid, 'SIGHUP');
    const result = await until(() => outcome(pid, before.generation));
    if (result?.reload.state === 'failed')
      throw new Error(`the reload failed: ${reasonOf(result)}; what served serves on`);
    return print(`generation ${result?.reload.generation} serves\n`);
  },
});

/** The server after a reload that came after that one; undefined while it runs. */
function outcome(pid: number, before: number): Header | undefined {
  const header = readHeader(pid);
  const { reload, stopping } = header;
  if (stopping) throw new Error(`server ${pid} is about to end`);
  return reload.generation > before && reload.state !== 'running' ? header : undefined;
}

function reasonOf({ pid, known }: Header): string {
  const { reason } = known ? readServer(pid).description.reload : {};
  return reason ?? 'its log says why';
}
