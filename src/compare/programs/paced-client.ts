// paced-client.js PACE: requests at their times, each on a connection of its own; prints 'started' and what came of them.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNow } from '../../scoreboard/index.js';
import type { Pace, Request } from '../clients/paced.js';

/** How often it is looked whether nothing comes any more, in milliseconds. */
const TICK = 50;

const pace = JSON.parse(process.argv[2] ?? '') as Pace;
const question = `GET ${pace.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
const open = new Set<Socket>();
/** When a request was last sent or answered. */
let last = monotonicNow();

const watch = setInterval(() => {
  if (monotonicNow() - last < pace.silenceMs) return;
  for (const socket of open) socket.destroy(Object.assign(new Error(), { code: 'no answer' }));
}, TICK);
await request(); // What is compiled at the first use is no part of any answer.
console.log('started');
console.log(JSON.stringify(await sendAll()));
clearInterval(watch);

async function sendAll(): Promise<Request[]> {
  const start = monotonicNow();
  const requests: Promise<Request>[] = [];
  for (let n = 0; n < pace.rate * pace.seconds; n++) {
    const due = start + (n * 1000) / pace.rate;
    if (due > monotonicNow()) await sleep(due - monotonicNow());
    requests.push(request());
  }
  return Promise.all(requests);
}

function request(): Promise<Request> {
  return new Promise((resolve) => {
    const sent = monotonicNow();
    last = sent;
    const socket = connect({ port: pace.port, host: '127.0.0.1' }, () => socket.write(question));
    open.add(socket);
    let answer: number | string = 'end of file';
    socket.once('data', (data) => {
      if (data.toString('latin1', 0, 12) === 'HTTP/1.1 200') answer = monotonicNow() - sent;
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (typeof answer === 'string') answer = code ?? answer;
    });
    socket.on('close', () => {
      open.delete(socket);
      last = monotonicNow();
      resolve([sent, answer]);
    });
  });
}
