import { type Header, readServer } from '../scoreboard/index.js';
import { until } from '../util/poll.js';
import { printable } from '../util/printable.js';
import { type Answer, sendCommand } from '../without-fork/control-socket.js';
import { defineCommand, UsageError } from './command.js';
import { HeldServer } from './held-server.js';
import { print } from './print.js';
import { PIDFILE, serverOf } from './resolve-server.js';
import { serverWithoutFork } from './server-without-fork.js';

export const reload = defineCommand({
  name: 'reload',
  summary: 'Load the app of a server anew, and replace its workers without a gap; as SIGHUP does',
  positionals: '[PID]',
  anywhere: true,
  options: { pidfile: PIDFILE },
  async run({ values, positionals: [given, ...others] }) {
    if (others.length > 0) throw new UsageError('reload is for one server at a time');
    const withoutFork = await serverWithoutFork(given, values.pidfile);
    if (withoutFork !== undefined) return printAnswer(await sendCommand(withoutFork, 'reload'));
    using server = new HeldServer(serverOf(given, values.pidfile));
    const { reload: before } = server.header;
    server.signal('SIGHUP');
    const result = await until(() => outcome(server, before.generation));
    if (result?.reload.state === 'failed')
      throw new Error(`the reload failed: ${reasonOf(result)}; what served serves on`);
    return print(`generation ${result?.reload.generation} serves\n`);
  },
});

function printAnswer(answer: Answer | undefined): Promise<number> {
  if (answer?.ok) return print(`${answer.text}\n`);
  throw new Error(answer?.text ?? 'the server has ended');
}

/** The server after a reload that came after that one; undefined while it runs. */
function outcome(server: HeldServer, before: number): Header | undefined {
  const { header } = server;
  const { reload, stopping } = header;
  if (stopping) throw new Error(`server ${server.pid} is about to end`);
  return reload.generation > before && reload.state !== 'running' ? header : undefined;
}

function reasonOf({ pid, known }: Header): string {
  const { reason } = known ? readServer(pid).description.reload : {};
  return reason === undefined ? 'its log says why' : printable(Buffer.from(reason), 1000);
}
