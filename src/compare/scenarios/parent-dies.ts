import { isAlive } from '../../proc/process.js';
import { until } from '../../util/poll.js';
import { connectLines, withClients, within } from '../clients/lines.js';
import { admit, survey } from '../clients/served.js';
import { countOf, titleOf } from '../instruments/proc.js';
import { type Scenario, SETUPS } from '../scenario.js';

/** How long the others have to end, and a new client waits for its answer. */
const DEATH_TIMEOUT_MS = 1000;
const LOOK_INTERVAL_MS = 2;

export const parentDies: Scenario = {
  id: 'parent-dies',
  setup: SETUPS.echo,
  title: 'kill -9 of the parent: what becomes of workers and connections',
  how:
    'As many clients as there are workers say a line and stay (`nc 127.0.0.1 PORT`); kill -9 PID of the parent; a ' +
    'second later, `ps` shows who is left, each client says another line, and a new one tries to connect.',
  figures: {
    workersLeft: { label: 'workers left', unit: '', better: null },
    connectionsKept: { label: 'connections kept', unit: '', better: 'more' },
    newOnesServed: { label: 'new ones served', unit: '', better: 'more' },
  },
  run: (server) =>
    withClients(async (clients) => {
      await admit(server.port, server.workers, clients);
      const [members, workers] = [server.members(), server.serving()];
      const title = titleOf(server, server.root);
      process.kill(server.root, 'SIGKILL');
      const killed = performance.now();
      const ended = await until(() => !members.some(isAlive), DEATH_TIMEOUT_MS, LOOK_INTERVAL_MS);
      const after = Math.ceil(performance.now() - killed);
      const left = workers.filter(isAlive).length;
      const { kept } = await survey(clients);
      const newOne = await newClient(server.port);
      const rest = ended
        ? `all others ended within ${after} ms`
        : `${countOf(server, left)} of ${workers.length} live on`;
      const all = members.length === 1 ? 'nobody was left' : rest;
      return {
        seen: `when ${title} died, ${all}; ${kept.length} of ${clients.length} connections were kept; a new client ${newOne}`,
        figures: { workersLeft: left, connectionsKept: kept.length, newOnesServed: Number(newOne === SERVED) },
      };
    }),
};

const SERVED = 'was served';

async function newClient(port: number): Promise<string> {
  try {
    using client = await connectLines(port);
    const answered = await within(DEATH_TIMEOUT_MS, client.say('hello'));
    return answered === undefined ? 'could connect, but was not answered' : SERVED;
  } catch (error) {
    return `got ${(error as NodeJS.ErrnoException).code ?? error}`;
  }
}
