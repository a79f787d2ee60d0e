// Notes in a file which process has which client, by the client's port and the monotonic clock; says its id in X-Pid.
import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const BODY = 'x'.repeat(2048);
const journal = openSync(process.env.FAULTS_JOURNAL, 'a');

const server = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url, 'http://app');
  response.setHeader('X-Pid', process.pid);
  if (request.url === '/stream') {
    response.setHeader('Content-Type', 'text/event-stream');
    response.write('data: begun\n\n');
    return;
  }
  let received = 0;
  try {
    for await (const chunk of request) received += chunk.length;
  } catch {
    return; // The client has hung up.
  }
  const delay = Number(searchParams.get('ms') ?? 0);
  if (delay > 0) await sleep(delay);
  response.end(`${received} ${BODY}\n`);
});
server.on('connection', ({ remotePort }) => {
  writeSync(journal, `${remotePort} ${process.pid} ${process.hrtime.bigint() / 1000n}\n`);
});
// Clients that hang up or break off are what this is about.
server.on('clientError', (_error, socket) => socket.destroy());
server.listen(Number(process.env.FAULTS_PORT ?? 0), '127.0.0.1');

if (process.env.FAULTS_PATH)
  createServer((_request, response) => response.end('path\n')).listen(process.env.FAULTS_PATH);
