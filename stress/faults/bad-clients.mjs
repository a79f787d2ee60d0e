import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from './load.mjs';
import { startServer } from './server.mjs';

const HALF = 'POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\nonly so much';
const SLOW = 'GET /?ms=1000 HTTP/1.1\r\nHost: app\r\n\r\n';
const WHOLE = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Hundreds hang up in mid-request or send a byte a second, while others are served. */
export async function badClients({ clients }) {
  const server = await startServer(['-w', '4']);
  const load = startLoad(server.port);
  const hangUps = Promise.all(Array.from({ length: clients }, (_, i) => hangUp(server.port, i)));
  const dribbles = await Promise.all(Array.from({ length: clients }, () => dribble(server.port)));
  await hangUps;
  const { requests, failures } = await load.stop();
  await server.until('no connection is left', () => server.workers.every(({ connections }) => connections === 0));
  const left = await server.stop();
  const unanswered = dribbles.filter((answer) => !answer.startsWith('HTTP/1.1 200')).length;
  const died = server.log.filter((line) => /is killed|died/.test(line));
  return {
    numbers: { hungUp: clients, dribbled: clients, dribbledUnanswered: unanswered, requests, failed: failures.length },
    violations: [
      ...failures.map((failure) => `failed: ${JSON.stringify(failure)}`),
      ...(unanswered > 0 ? [`${unanswered} slow clients got no answer`] : []),
      ...died,
      ...left,
    ],
  };
}

/** Hangs up, every other time with a reset, in its own request or while the answer is made. */
async function hangUp(port, i) {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  socket.write(i % 2 === 0 ? HALF : SLOW);
  await sleep(100 + Math.random() * 400);
  if (i % 4 < 2) socket.destroy();
  else socket.resetAndDestroy();
}

/** Sends a request a byte a second. @returns the first bytes of the answer */
async function dribble(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).on('error', () => {});
  const answer = once(socket, 'data').then(([data]) => data.toString('latin1'));
  const closed = new Promise((resolve) => socket.once('close', () => resolve('')));
  await Promise.race([once(socket, 'connect'), closed]);
  for (const byte of WHOLE) {
    socket.write(byte);
    await sleep(1000);
  }
  const first = await Promise.race([answer, closed]);
  socket.destroy();
  return first;
}
