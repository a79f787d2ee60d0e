// paced-client.js PACE: requests at their times, each on a connection of its own; prints 'started' and what came of them.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNow } from '../../scoreboard/index.js';
import type { Pace, Request } from '../clients/paced.js';

const pace = JSON.parse(process.argv[2] ?? '') as Pace;
const question = `GET ${pace.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

await request(); // What is compiled at the first use is no part of any answer.
console.log('started');
const start = monotonicNow();
const requests: Promise<Request>[] = [];
for (let n = 0; n < pace.rate * pace.seconds; n++) {
  const due = start + (n * 1000) / pace.rate;
  if (due > monotonicNow()) await sleep(due - monotonicNow());
  requests.push(request());
}
console.log(JSON.stringify(await Promise.all(requests)));

function request(): Promise<Request> {
  return new Promise((resolve) => {
    const sent = monotonicNow();
    const socket = connect({ port: pace.port, host: '127.0.0.1', timeout: pace.patience }, () =>
      socket.write(question),
    );
    let answer: number | string = 'end of file';
    socket.once('data', (data) => {
      if (data.toString('latin1', 0, 12) === 'HTTP/1.1 200') answer = monotonicNow() - sent;
    });
    socket.on('timeout', () => socket.destroy(Object.assign(new Error(), { code: 'no answer' })));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (typeof answer === 'string') answer = code ?? answer;
    });
    socket.on('close', () => resolve([sent, answer]));
  });
}
