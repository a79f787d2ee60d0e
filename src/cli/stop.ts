import { duration } from '../settings/kinds.js';
import { attempt } from '../util/attempt.js';
import { until } from '../util/poll.js';
import { sendCommand } from '../without-fork/control-socket.js';
import { checked, defineCommand, UsageError } from './command.js';
import { HeldServer } from './held-server.js';
import { print } from './print.js';
import { PIDFILE, serverOf } from './resolve-server.js';
import { serverWithoutFork } from './server-without-fork.js';

export const stop = defineCommand({
  name: 'stop',
  summary: 'End a server once it has answered what is in flight, and wait for its end; as SIGTERM does',
  positionals: '[PID]',
  anywhere: true,
  options: {
    pidfile: PIDFILE,
    quick: { type: 'boolean', help: 'do not wait for what is in flight; as SIGINT does' },
    timeout: { type: 'string', placeholder: 'time', help: 'wait no longer than that (default: as long as it takes)' },
  },
  async run({ values, positionals: [given, ...others] }) {
    if (others.length > 0) throw new UsageError('stop is for one server at a time');
    const timeout =
      values.timeout === undefined ? undefined : checked(duration({ zero: false }), '--timeout', values.timeout);
    const waitFor = async (pid: number, hasEnded: () => boolean) => {
      if (await until(() => hasEnded() || undefined, timeout)) return print(`server ${pid} has ended\n`);
      throw new Error(`server ${pid} is not done after ${values.timeout}; --quick waits for nothing`);
    };
    const withoutFork = await serverWithoutFork(given, values.pidfile);
    if (withoutFork !== undefined) {
      await sendCommand(withoutFork, values.quick ? 'quick' : 'stop');
      return waitFor(withoutFork, () => attempt(() => process.kill(withoutFork, 0)) === undefined);
    }
    using server = new HeldServer(serverOf(given, values.pidfile));
    server.signal(values.quick ? 'SIGINT' : 'SIGTERM');
    return await waitFor(server.pid, () => server.hasEnded);
  },
});
