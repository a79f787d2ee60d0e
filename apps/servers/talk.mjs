import { connect } from 'node:net';

/** Sends a line to a server of 127.0.0.1 and reads until its answer matches, for protocols that consist of lines. */
export function talk(port, sent, expected) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 5_000 });
    let text = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(sent));
    socket.on('data', (chunk) => {
      text += chunk;
      if (expected.test(text)) socket.destroy();
    });
    socket.on('timeout', () => socket.destroy(new Error(`no answer from port ${port}`)));
    socket.on('error', reject);
    socket.on('close', () => (expected.test(text) ? resolve(text) : reject(new Error(`port ${port}: ${text}`))));
  });
}
