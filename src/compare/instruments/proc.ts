import type { InetSocket } from '../../proc/net.js';
import { isAlive } from '../../proc/process.js';
import { Tcp } from '../../proc/tcp.js';
import { readServer } from '../../scoreboard/index.js';
import { groupBy } from '../../util/group-by.js';
import type { Model, Server } from '../scenario.js';

// What /proc says of a server's processes and sockets.

/** What a model's own words are for its processes: the root, one that serves, several. */
const TITLES: Readonly<Record<Model, readonly [root: string, one: string, many: string]>> = {
  prefork: ['parent', 'child', 'children'],
  start: ['monitor', 'worker', 'workers'],
  cluster: ['primary', 'worker', 'workers'],
  'cluster-none': ['primary', 'worker', 'workers'],
  'event-loop': ['only process', 'process', 'processes'],
};

/** '3 workers', '1 child'; 'no worker' for none. */
export function countOf({ model }: Server, count: number): string {
  const [, one, many] = TITLES[model];
  return count === 0 ? `no ${one}` : `${count} ${count === 1 ? one : many}`;
}

/** The root and other helpers each by itself, those that serve together: 'the primary', '3 workers'. */
export function groupsOf<T extends { readonly pid: number }>(
  server: Server,
  members: readonly T[],
): { readonly title: string; readonly members: readonly T[] }[] {
  const serving = new Set(server.serving());
  const workers = members.filter(({ pid }) => pid !== server.root && serving.has(pid));
  const others = members.filter((member) => !workers.includes(member));
  const single = [...groupBy(others, ({ pid }) => pid)].map(([pid, own]) => ({
    title: titleOf(server, pid),
    members: own,
  }));
  const count = new Set(workers.map(({ pid }) => pid)).size;
  return count === 0 ? single : [...single, { title: countOf(server, count), members: workers }];
}

/** 'the primary', 'the zygote', 'worker 4711'. */
export function titleOf(server: Server, pid: number): string {
  const [root, one] = TITLES[server.model];
  if (pid === server.root) return `the ${root}`;
  return server.model === 'start' && readServer(server.root).description.zygote?.pid === pid
    ? 'the zygote'
    : `${one} ${pid}`;
}

/** The server, or another one like it where an earlier look has ended it. */
export async function alive(server: Server): Promise<Server> {
  return isAlive(server.root) ? server : server.another(server.workers);
}

const tcp = new Tcp();

export function listeningOn(port: number): InetSocket[] {
  return tcp.listeners().flatMap(({ socket }) => (socket.local.port === port ? socket : []));
}

/** The server's end of a client's connection; its inode is 0 until it is accepted. */
export function serverEnd(port: number, client: number): InetSocket | undefined {
  return tcp.connections([{ version: 4, local: { port } }]).find(({ peer }) => peer?.port === client);
}

/** How many connections wait to be accepted. */
export function queueOf(port: number): number {
  return listeningOn(port).reduce((sum, { receiveQueue }) => sum + receiveQueue, 0);
}
