import { connectLines, type LineClient, withClients, within } from '../clients/lines.js';
import { admit, answerTo, QUEUE_TIMEOUT_MS } from '../clients/served.js';
import { servingOf } from '../instruments/accepting.js';
import { queueOf, serverEnd, titleOf } from '../instruments/proc.js';
import { type Scenario, SETUPS } from '../scenario.js';
import type { Server } from '../servers/server.js';

/** How long the fourth may wait once another has left. */
const ANSWER_TIMEOUT_MS = 5000;

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
