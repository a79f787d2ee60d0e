import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as diag from '../../../src/posix/sock-diag.js';
import { Tcp } from '../../../src/proc/tcp.js';

vi.mock('../../../src/posix/sock-diag.js', { spy: true });

test('the sockets of a port are the same by sock_diag and by /proc/net/tcp', async () => {
  const server = createServer((socket) => socket.pause()).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  const client = connect(port, '127.0.0.1');
  const [socket] = await accepted;
  onTestFinished(() => {
    client.destroy();
    socket.destroy();
  });
  const read = () => {
    const tcp = new Tcp();
    const listeners = tcp.listeners().flatMap(({ socket }) => (socket.local.port === port ? socket : []));
    return [...listeners, ...tcp.connections(listeners)];
  };
  const asked = read();
  expect(diag.sockDiag).toHaveReturned();
  vi.mocked(diag.sockDiag).mockImplementationOnce(() => {
    throw new Error('ENOENT');
  });
  const listed = read();
  expect(listed.map(({ state, peer }) => [state === 'LISTEN', peer?.port ?? 0])).toEqual([
    [true, 0],
    [false, client.localPort],
  ]);
  expect(asked).toEqual(listed);
});
