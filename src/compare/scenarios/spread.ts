import { setTimeout as sleep } from 'node:timers/promises';
import { connectLines, type LineClient, withClients } from '../clients/lines.js';
import { countOf } from '../instruments/proc.js';
import { noteOf, orThrow, type Scenario, SETUPS } from '../scenario.js';

/** How long the log's last lines may take. */
const LOG_TIMEOUT_MS = 5000;
/** How long clients that are to come at once wait for one another: those that found the queue full come 1 s later. */
const CROWDING = 500;
/** Between slow clients, in milliseconds: all processes wait again when the next one comes. */
const PAUSE = 1;

export const spreadSlowly: Scenario = {
  id: 'spread-slowly',
  title: 'How connections spread that arrive one after another',
  how:
    'Each client says a line and exit, and the next one comes when its connection is closed; the server’s log tells ' +
    'who accepted each: `for n in $(seq 600); do printf "hello\\nexit\\n" | nc 127.0.0.1 PORT; done`, then count ' +
    'its lines by process: `grep accepted.a LOG | cut -d" " -f2 | sort | uniq -c`.',
  ...spreadOf(slowly),
};

export const spreadAtOnce: Scenario = {
  id: 'spread-at-once',
  title: 'How connections spread that arrive all at once',
  how:
    'All clients connect at the same time; when all are connected, or after half a second, each says a line and ' +
    'exit. The server’s log tells who accepted each: count its lines `accepted a client!` by process.',
  ...spreadOf(atOnce),
};

/** What came of the clients: the port of each that was served, and what else there is to say. */
interface Arrivals {
  readonly ports: readonly number[];
  readonly note?: string | undefined;
}

function spreadOf(
  arrive: (port: number, connections: number) => Promise<Arrivals>,
): Pick<Scenario, 'setup' | 'figures' | 'plot' | 'run'> {
  return {
    setup: SETUPS.echo,
    figures: {
      least: { label: 'least busy', unit: '%', better: null },
      most: { label: 'busiest', unit: '%', better: null },
    },
    plot: { kind: 'bars', x: 'worker', y: 'connections' },
    async run(server, { connections }) {
      const workers = server.serving();
      const begin = server.log().length;
      const { ports, ...note } = await arrive(server.port, connections);
      const look = () => {
        const found = acceptors(server.log().slice(begin), new Set(ports));
        return found.length >= ports.length && found;
      };
      const problem = 'the log does not tell who accepted each of the connections';
      const accepted = await orThrow(problem, look, LOG_TIMEOUT_MS);
      const counts = countsOf(workers, accepted);
      const share = (count = 0) => (count / accepted.length) * 100;
      return {
        seen: `${accepted.length} connections to ${countOf(server, workers.length)}: ${counts.join(', ')}`,
        figures: { least: share(counts[0]), most: share(counts.at(-1)) },
        points: counts.toReversed().map((count, index) => [index + 1, count]),
        ...note,
      };
    },
  };
}

/** Who accepted each client of these ports. The log may still have lines of earlier clients. */
function acceptors(lines: readonly string[], ports: ReadonlySet<number>): number[] {
  return lines.flatMap((line) => {
    const [, pid, port] = /^\w+ (\d+) accepted a client! \(.*:(\d+)\)$/.exec(line) ?? [];
    return ports.has(Number(port)) ? [Number(pid)] : [];
  });
}

/** How many each accepted, ascending; also of workers that came meanwhile. */
function countsOf(workers: readonly number[], accepted: readonly number[]): number[] {
  const counts = new Map(workers.map((pid) => [pid, 0]));
  for (const pid of accepted) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  return [...counts.values()].sort((one, other) => one - other);
}

async function slowly(port: number, connections: number): Promise<Arrivals> {
  const ports: number[] = [];
  for (let n = 0; n < connections; n++) {
    const client = await connectLines(port);
    await visit(client);
    ports.push(client.port);
    await sleep(PAUSE);
  }
  return { ports };
}

async function atOnce(port: number, connections: number): Promise<Arrivals> {
  const ports: number[] = [];
  const speak = new AbortController();
  const crowd = sleep(CROWDING, undefined, speak).catch(() => {});
  return withClients(async (clients) => {
    const visits = Array.from({ length: connections }, async () => {
      const client = await connectLines(port);
      clients.push(client);
      if (clients.length === connections) speak.abort();
      await crowd;
      await visit(client);
      ports.push(client.port);
    });
    const [late] = await Promise.all([crowd.then(() => connections - clients.length), ...visits]);
    return { ports, note: noteOf(late > 0 && `${late} clients found the queue full and came a second later`) };
  });
}

/** @throws Error when the line is not answered */
async function visit(client: LineClient): Promise<void> {
  if ((await client.say('hello')) === undefined) throw new Error('a connection was broken off');
  await client.leave();
}
