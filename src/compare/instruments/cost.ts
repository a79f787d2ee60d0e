import type { ProcessorUse } from '../../proc/usage.js';
import { Clients, type Load } from '../clients/load.js';
import type { Server } from '../servers/server.js';
import { countCalls } from './strace.js';
import { meter } from './usage.js';

type Work = Parameters<typeof Clients.start>[1];

/** What clients do, and what the server's processes use meanwhile. @throws Error when no request is answered */
export async function underLoad(server: Server, work: Work): Promise<{ load: Load; used: ProcessorUse }> {
  return loaded(server, work, async () => meter(server));
}

/** How many system calls the server's processes make for each request; null where they cannot be counted, and why. */
export async function callsOf(server: Server, work: Work): Promise<{ calls: number | null; note?: string }> {
  try {
    const { load, used } = await loaded(server, work, () => countCalls(server.members()));
    return { calls: used / load.requests };
  } catch (error) {
    return { calls: null, note: (error as Error).message };
  }
}

/** @param watch begins to look at processes, and returns what ends it and tells */
async function loaded<T>(server: Server, work: Work, watch: () => Promise<() => T | Promise<T>>) {
  await using clients = await Clients.start(server, work);
  const end = await watch();
  const load = await clients.run().catch(async (error) => {
    await end();
    throw error;
  });
  const used = await end();
  if (load.requests === 0) throw new Error('no request was answered');
  return { load, used };
}
