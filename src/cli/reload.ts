import { readServer } from '../scoreboard/index.js';
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
    const { pid, reload: before } = readServer(serverOf(given, values.pidfile)).description;
    process.kill(pid, 'SIGHUP');
    const result = await until(() => outcome(pid, before.generation));
    if (result?.state === 'failed') throw new Error(`the reload failed: ${result.reason}; what served serves on`);
    return print(`generation ${result?.generation} serves\n`);
  },
});

/** Of a reload after that one; undefined while it runs. */
function outcome(pid: number, before: number) {
  const { reload, stopping } = readServer(pid).description;
  if (stopping) throw new Error(`server ${pid} is about to end`);
  return reload.generation > before && reload.state !== 'running' ? reload : undefined;
}
