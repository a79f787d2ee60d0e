import { createServer } from 'node:net';

/** Below the ports that the kernel gives to outgoing connections, so that none of these takes one meanwhile. */
const FIRST = 12_000;
const LAST = 31_999;
const given = new Set();

/** A free port of 127.0.0.1 that this process gives only once, for servers that must come back on the same one. */
export async function freePort() {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port)) continue;
    given.add(port);
    if ((await canListen(port, '127.0.0.1')) && (await canListen(port, '::'))) return port;
  }
}

function canListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', (error) => resolve(error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL'));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
