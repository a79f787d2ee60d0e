// The line echo server on an event loop: one process, or a worker of node:cluster.
import { createServer } from 'node:net';

const isExit = (line) => line === 'exit' || line === 'exit\r';

const server = createServer({ allowHalfOpen: true }, (socket) => {
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    const exit = lines.findIndex(isExit);
    const echoed = exit < 0 ? lines : lines.slice(0, exit);
    if (echoed.length > 0) socket.write(`${echoed.join('\n')}\n`, 'latin1');
    if (exit >= 0) socket.removeAllListeners('data').removeAllListeners('end').resume().end();
  });
  socket.on('end', () => socket.end(isExit(rest) ? '' : rest, 'latin1'));
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => console.log(`Listening on 127.0.0.1:${server.address().port}`));
