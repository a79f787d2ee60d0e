import { readHeader } from '../scoreboard/index.js';
import { duration } from '../settings/kinds.js';
import { checked, defineCommand, UsageError } from './command.js';
import { print } from './print.js';
import { PIDFILE, serverOf } from './server-of.js';
import { until } from './until.js';

export const stop = defineCommand({
  name: 'stop',
  summary: 'End a server once it has answered what is in flight, and wait for its end; as SIGTERM does',
  positionals: '[PID]',
  options: {
    pidfile: PIDFILE,
    quick: { type: 'boolean', help: 'do not wait for what is in flight; as SIGINT does' },
    timeout: { type: 'string', placeholder: 'time', help: 'wait no longer than that (default: as long as it takes)' },
  },
  async run({ values, positionals: [given, ...others] }) {
    if (others.length > 0) throw new UsageError('stop is for one server at a time');
    const timeout =
      values.timeout === undefined ? undefined : checked(duration({ zero: false }), '--timeout', values.timeout);
    const { pid, startedAt } = readHeader(serverOf(given, values.pidfile));
    process.kill(pid, values.quick ? 'SIGINT' : 'SIGTERM');
    if (await until(() => isGone(pid, startedAt) || undefined, timeout)) return print(`server ${pid} has ended\n`);
    throw new Error(`server ${pid} is not done after ${values.timeout}; --quick waits for nothing`);
  },
});

/** No process has this id, or another one has it by now. */
function isGone(pid: number, startedAt: number): boolean {
  try {
    return readHeader(pid).startedAt !== startedAt;
  } catch {
    return true;
  }
}
