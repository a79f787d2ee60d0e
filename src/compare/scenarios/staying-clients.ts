import { isAlive } from '../../proc/process.js';
import { until, within } from '../../util/poll.js';
import { connectLines, type LineClient, withClients } from '../clients/lines.js';
import { tallyOf } from '../clients/paced.js';
import { servingOf } from '../instruments/accepting.js';
import { countOf, queueOf, serverEnd, titleOf } from '../instruments/proc.js';
import { noteOf, orThrow, type Scenario, SETUPS, type Server } from '../scenario.js';

// What clients see that have said a line and stay.

/** How long a client that has said a line may be left in the listener's queue before it counts as not served. */
const QUEUE_TIMEOUT_MS = 300;
/** How long a client that was accepted may have to wait. */
const ANSWER_TIMEOUT_MS = 5000;
/** How long it may take until a worker is gone, and until another one takes its place. */
const DEATH_TIMEOUT_MS = 10_000;
/** How long the others have to end when their parent has died, and a new client waits for its answer. */
const ORPHANS_TIMEOUT_MS = 1000;
const LOOK_INTERVAL_MS = 2;
/** How many clients a worker's death is to meet. */
const CLIENTS = 6;

export const fourthClient: Scenario = {
  id: 'fourth-client',
  setup: SETUPS.echo,
  title: 'What a fourth client sees while three stay',
  how:
    'Connect four times with `nc 127.0.0.1 PORT` and say a line in each, the fourth last; it has 300 ms to be ' +
    'accepted and answered. `ss -ltn sport = :PORT` shows in Recv-Q how many connections wait to be accepted. Then say exit in the first.',
  figures: { answered: { label: 'answered after', unit: 'ms', better: 'less' } },
  run: (server) =>
    withClients(async (clients) => {
      await admit(server.port, 3, clients);
      const [first] = clients;
      if (first === undefined || clients.length < 3)
        throw new Error(`client ${clients.length + 1} of three was not answered`);
      const fourth = await connectLines(server.port);
      clients.push(fourth);
      const answer = fourth.say('hello');
      const answered = await answerTo(fourth, server.port, answer);
      if (answered !== undefined) {
        const pid = servingOf(server, fourth.port);
        const by = pid === undefined ? '' : `, by ${titleOf(server, pid)}`;
        return { seen: `answered while the three stay${by}`, figures: { answered } };
      }
      const where = whereabouts(server, fourth);
      const left = performance.now();
      await first.leave();
      const after = await within(ANSWER_TIMEOUT_MS, answer);
      const took = Math.round((performance.now() - left) * 10) / 10;
      const then =
        after === undefined ? `not answered within ${ANSWER_TIMEOUT_MS / 1000} s` : `answered after ${took} ms`;
      return {
        seen: `${where}; when one of the three left, it was ${then}`,
        figures: { answered: null },
        note: `no answer within ${QUEUE_TIMEOUT_MS} ms`,
      };
    }),
};

function whereabouts(server: Server, { port }: LineClient): string {
  const end = serverEnd(server.port, port);
  if (end === undefined) return 'the server’s end of its connection is not to be seen';
  const unread = `with ${end.receiveQueue} bytes unread`;
  return end.inode === 0
    ? `connected, but accepted by nobody: it waits in the listener’s queue of ${queueOf(server.port)}, ${unread}`
    : `accepted, but not answered, ${unread}`;
}

export const workerDies: Scenario = {
  id: 'worker-dies',
  setup: SETUPS.echo,
  title: 'kill -9 of a worker with clients on it: who loses what',
  how:
    'Six clients (`nc 127.0.0.1 PORT`), or as many as are accepted within 300 ms, say a line and stay. `prefork inspect ' +
    'PID` shows who has the first one’s connection: kill -9 that process, then say another line in each.',
  figures: {
    clients: { label: 'clients', unit: '', better: 'more' },
    lost: { label: 'connections lost', unit: '', better: 'less' },
  },
  run: (server) =>
    withClients(async (clients) => {
      await admit(server.port, CLIENTS, clients);
      const victim = clients[0] && servingOf(server, clients[0].port);
      if (victim === undefined) throw new Error('no process is seen that serves the first client');
      const before = server.serving();
      const title = titleOf(server, victim);
      process.kill(victim, 'SIGKILL');
      const killed = performance.now();
      await orThrow(`${title} does not end`, () => !isAlive(victim), DEATH_TIMEOUT_MS, LOOK_INTERVAL_MS);
      const replaced = await replacement(server, before, killed);
      const ends = await endsOf(clients);
      const lost = ends.length === 0 ? 'no connection' : `${ends.length} of ${clients.length} (${tallyOf(ends)})`;
      return {
        seen: `the death of ${title} broke ${lost}; ${clients.length - ends.length} were answered on; ${replaced}`,
        figures: { clients: clients.length, lost: ends.length },
        note: noteOf(clients.length < CLIENTS && `no more than ${clients.length} of ${CLIENTS} clients were served`),
      };
    }),
};

async function replacement(server: Server, before: readonly number[], killed: number): Promise<string> {
  if (!isAlive(server.root)) return 'nobody is left';
  const isNew = (pid: number) => !before.includes(pid);
  const newOne = await until(() => server.serving().find(isNew), DEATH_TIMEOUT_MS, LOOK_INTERVAL_MS);
  return newOne === undefined
    ? `nobody has taken its place after ${DEATH_TIMEOUT_MS / 1000} s`
    : `${titleOf(server, newOne)} was there after ${Math.round(performance.now() - killed)} ms`;
}

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
      const ended = await until(() => !members.some(isAlive), ORPHANS_TIMEOUT_MS, LOOK_INTERVAL_MS);
      const after = Math.ceil(performance.now() - killed);
      const left = workers.filter(isAlive).length;
      const kept = clients.length - (await endsOf(clients)).length;
      const newOne = await newClient(server.port);
      const rest = ended
        ? `all others ended within ${after} ms`
        : `${countOf(server, left)} of ${workers.length} live on`;
      const all = members.length === 1 ? 'nobody was left' : rest;
      return {
        seen: `when ${title} died, ${all}; ${kept} of ${clients.length} connections were kept; a new client ${newOne}`,
        figures: { workersLeft: left, connectionsKept: kept, newOnesServed: Number(newOne === SERVED) },
      };
    }),
};

const SERVED = 'was served';

async function newClient(port: number): Promise<string> {
  try {
    using client = await connectLines(port);
    const answered = await within(ORPHANS_TIMEOUT_MS, client.say('hello'));
    return answered === undefined ? 'could connect, but was not answered' : SERVED;
  } catch (error) {
    return `got ${(error as NodeJS.ErrnoException).code ?? error}`;
  }
}

/** How long the client's line takes to be answered; undefined when it is not, or the client is left in the queue. */
async function answerTo(client: LineClient, port: number, answer: Promise<number | undefined>) {
  const soon = await within(QUEUE_TIMEOUT_MS, answer);
  const isQueued = soon === undefined && serverEnd(port, client.port)?.inode === 0;
  return isQueued ? undefined : within(ANSWER_TIMEOUT_MS, answer);
}

/**
 * Clients that stay, up to `most`, each answered once; fewer when one of them is not answered, which is closed again.
 * @param clients takes them
 */
async function admit(port: number, most: number, clients: LineClient[]): Promise<void> {
  while (clients.length < most) {
    const client = await connectLines(port);
    if ((await answerTo(client, port, client.say('hello'))) === undefined) return client.close();
    clients.push(client);
  }
}

/** How the connections ended of clients that were served and are not answered any more. */
async function endsOf(clients: readonly LineClient[]): Promise<string[]> {
  const ends = clients.map(async (client) => {
    const answered = await within(ANSWER_TIMEOUT_MS, client.say('still there?'));
    return answered === undefined ? ((await within(ANSWER_TIMEOUT_MS, client.ended)) ?? 'no answer') : [];
  });
  return (await Promise.all(ends)).flat();
}
