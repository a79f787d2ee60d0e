import { connectLines, type LineClient, within } from './lines.js';

/** How long a client waits for its answer until it counts as one that is not served, in milliseconds. */
const PATIENCE = 300;

/**
 * Clients that stay, up to `most`, each answered once; fewer when one of them is not answered, which is closed again.
 * @param clients takes them
 */
export async function admit(port: number, most: number, clients: LineClient[]): Promise<void> {
  while (clients.length < most) {
    const client = await connectLines(port);
    if ((await within(PATIENCE, client.say('hello'))) === undefined) return client.close();
    clients.push(client);
  }
}

/** Of clients that were served: those that are still answered, and how the connections of the others ended. */
export async function survey(clients: readonly LineClient[]): Promise<{ kept: LineClient[]; ends: string[] }> {
  const all = await Promise.all(
    clients.map(async (client) => {
      const answered = await within(PATIENCE, client.say('still there?'));
      if (answered !== undefined) return { client, kept: true, end: '' };
      return { client, kept: false, end: (await within(PATIENCE, client.ended)) ?? 'no answer' };
    }),
  );
  return {
    kept: all.filter(({ kept }) => kept).map(({ client }) => client),
    ends: all.filter(({ kept }) => !kept).map(({ end }) => end),
  };
}
