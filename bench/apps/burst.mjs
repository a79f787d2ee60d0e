// An http app with two kinds of request: /wait is answered after 50 ms without work, /burn after 5 ms of computing.
import { createServer } from 'node:http';

const WAIT_MS = 50;
const BURN_US = 5000;

createServer((request, response) => {
  const answer = () => response.setHeader('pid', process.pid).end('done\n');
  if (request.url === '/wait') return setTimeout(answer, WAIT_MS);
  if (request.url === '/burn') burn();
  answer();
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('Listening on an event loop'));

/** Of this process's own processor time, so that a busy machine does not make it less work. */
function burn() {
  const start = process.cpuUsage();
  for (let used = 0; used < BURN_US; ) {
    for (let n = 0; n < 20_000; n++) Math.sqrt(n);
    const { user, system } = process.cpuUsage(start);
    used = user + system;
  }
}
