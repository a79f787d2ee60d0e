// The document's prefork server, second step: each child takes one client. Start it with "node examples/prefork.mjs"
// or "npx prefork run examples/prefork.mjs --port 0", then "telnet localhost 12345" in another terminal.
import { parseArgs } from 'node:util';
import { accept, close, exit, fork, getpid, listen, waitpid, write } from 'prefork/posix';

const { values } = parseArgs({ options: { port: { type: 'string', default: '12345' } } });
const numberOfWorkers = 3;
const listening = listen({ port: Number(values.port) });
console.log(`listening on port ${listening.address.port}`);

for (let n = 0; n < numberOfWorkers; n++) {
  if (fork() !== 0) continue;

  console.log(`Child ${getpid()} is accepting...`);
  const socket = accept(listening.fd);
  console.log(`Child ${getpid()} accepted a client!`);
  write(socket.fd, `Hello from child ${getpid()}!\n`);
  close(socket.fd);
  exit();
}

for (let n = 0; n < numberOfWorkers; n++) {
  const { pid, code } = waitpid();
  console.log(`child ${pid} has ended with status ${code}`);
}
