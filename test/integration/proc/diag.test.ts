import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { sockDiag } from '../../../src/posix/sock-diag.js';
import {
  connectionsRequest,
  listenersRequest,
  parseTcpAnswer,
  tcpRequest,
  unixRequest,
} from '../../../src/proc/diag.js';

test('the kernel takes both requests, and refuses one for a protocol that it does not know', () => {
  expect(sockDiag(unixRequest()).every((answer) => answer[0] === 1)).toBe(true);
  expect(sockDiag(tcpRequest(4)).every((answer) => answer[0] === 2 && answer[1] !== 6)).toBe(true);
  const unknown = Buffer.from(tcpRequest(4)).fill(255, 1, 2);
  expect(() => sockDiag(unknown)).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'sock_diag' }));
});

test('the kernel picks out the listening sockets, and the others of one port', async () => {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      onTestFinished(() => {
        server.close();
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  const [port = 0] = ports;
  for (const each of ports) {
    const client = connect(each, '127.0.0.1');
    onTestFinished(() => {
      client.destroy();
    });
    await once(client, 'connect');
  }
  const listening = sockDiag(listenersRequest(4)).map(parseTcpAnswer);
  expect(listening.every(({ socket }) => socket.state === 'LISTEN')).toBe(true);
  expect(listening.map(({ socket }) => socket.local.port)).toEqual(expect.arrayContaining(ports));
  const connections = sockDiag(connectionsRequest(4, port)).map(parseTcpAnswer);
  expect(connections.map(({ socket }) => [socket.local.port, socket.state])).toEqual([[port, 'ESTABLISHED']]);
});
