import { serverEnd } from '../instruments/proc.js';
import { connectLines, type LineClient, within } from './lines.js';

/** How long a client that has said a line may be left in the listener's queue before it counts as not served. */
export const QUEUE_TIMEOUT_MS = 300;
/** How long a client that was accepted may have to wait. */
const ANSWER_TIMEOUT_MS = 5000;

/** How long the client's line takes to be answered; undefined when it is not, or the client is left in the queue. */
export async function answerTo(client: LineClient, port: number, answer: Promise<number | undefined>) {
  const soon = await within(QUEUE_TIMEOUT_MS, answer);
  const isQueued = soon === undefined && serverEnd(port, client.port)?.inode === 0;
  return isQueued ? undefined : within(ANSWER_TIMEOUT_MS, answer);
}

/**
 * Clients that stay, up to `most`, each answered once; fewer when one of them is not answered, which is closed again.
 * @param clients takes them
 */
export async function admit(port: number, most: number, clients: LineClient[]): Promise<void> {
  while (clients.length < most) {
    const client = await connectLines(port);
    if ((await answerTo(client, port, client.say('hello'))) === undefined) return client.close();
    clients.push(client);
  }
}

/** Which clients that were served are still answered, and how the connections of the others ended. */
export async function survey(clients: readonly LineClient[]): Promise<{ kept: LineClient[]; ends: string[] }> {
  const all = await Promise.all(
    clients.map(async (client) => {
      const answered = await within(ANSWER_TIMEOUT_MS, client.say('still there?'));
      if (answered !== undefined) return { client, kept: true, end: '' };
      return { client, kept: false, end: (await within(ANSWER_TIMEOUT_MS, client.ended)) ?? 'no answer' };
    }),
  );
  return {
    kept: all.filter(({ kept }) => kept).map(({ client }) => client),
    ends: all.filter(({ kept }) => !kept).map(({ end }) => end),
  };
}
