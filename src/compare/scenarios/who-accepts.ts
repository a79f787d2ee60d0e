import { connectLines } from '../clients/lines.js';
import { holdersOf, inWords, partsOf } from '../instruments/accepting.js';
import { titleOf } from '../instruments/proc.js';
import { type Scenario, SETUPS } from '../scenario.js';

export const whoAccepts: Scenario = {
  id: 'who-accepts',
  setup: SETUPS.echo,
  title: 'Who accepts connections',
  how:
    'Of each thread, /proc/PID/task/TID/syscall tells the call it waits in (288 is accept4, 281 epoll_pwait; then the ' +
    'descriptor in hexadecimal); the lines `tfd:` of /proc/PID/fdinfo/FD tell what an epoll set watches; ' +
    '`prefork inspect PID` shows both, and who has the connection of `nc 127.0.0.1 PORT`.',
  async run(server) {
    const parts = inWords(server, await partsOf(server));
    using client = await connectLines(server.port);
    await client.say('hello');
    const holders = holdersOf(server, client.port).map(({ pid, fd }) => `${titleOf(server, pid)} (fd ${fd})`);
    return { seen: `${parts}; a client came to ${holders.join(', ')}` };
  },
};
