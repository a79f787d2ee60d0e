import { connectLines } from '../clients/lines.js';
import { holdersOf, inWords, partsOf } from '../instruments/accepting.js';
import { titleOf } from '../instruments/proc.js';
import { type Finding, type Scenario, SETUPS } from '../scenario.js';
import type { Server } from '../servers/server.js';

export const whoAccepts: Scenario = {
  id: 'who-accepts',
  setup: SETUPS.echo,
  title: 'Who accepts connections',
  how:
    'Of each thread, /proc/PID/task/TID/syscall tells the call it waits in (288 is accept4, 281 epoll_pwait; then the ' +
    'descriptor in hexadecimal); the lines `tfd:` of /proc/PID/fdinfo/FD tell what an epoll set watches; ' +
    '`prefork inspect PID` shows both, and who has the connection of `nc 127.0.0.1 PORT`.',
  run,
};

async function run(server: Server): Promise<Finding> {
  const parts = await partsOf(server);
  return { seen: `${inWords(server, parts)}; ${await whoGets(server)}` };
}

async function whoGets(server: Server): Promise<string> {
  const client = await connectLines(server.port);
  try {
    await client.say('hello');
    const holders = holdersOf(server, client.port);
    return `a client came to ${holders.map(({ pid, fd }) => `${titleOf(server, pid)} (fd ${fd})`).join(', ')}`;
  } finally {
    client.close();
  }
}
