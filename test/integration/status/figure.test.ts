// What a look has kept from the looks before must not be wrong now: held against inspect, which keeps nothing.
import { expect, test } from 'vitest';
import { FigureTaker } from '../../../dist/figure/taker.js';
import { inspect } from '../../../dist/inspect/index.js';
import { type Client, connect } from '../../helpers/client.js';
import { type Running, start, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

/** Who holds which connection, and who waits, as inspect says. */
function truth(pid: number) {
  const sockets = inspect([pid]).descriptions.filter(({ kind }) => kind === 'tcp');
  const listener = sockets.find(({ socket }) => socket?.state === 'LISTEN');
  const served = sockets.filter(({ socket }) => socket?.peer && socket.local === listener?.socket?.local);
  return {
    processes: inspect([pid]).processes.map((process) => process.pid),
    listening: listener?.holders.map(({ pid, fd }) => `${pid} ${fd}`).sort(),
    queued: listener?.socket?.queued,
    waiting: [...(listener?.socket?.waiting ?? [])].sort(),
    connections: served.map(({ socket, holders }) => `${socket?.peer} ${holders[0]?.pid} ${holders[0]?.fd}`).sort(),
  };
}

function seen(taker: FigureTaker, pid: number): ReturnType<typeof truth> {
  const { processes, listeners, connections } = taker.take([pid]);
  const [listener] = listeners;
  return {
    processes: processes.map((process) => process.pid),
    listening: listener?.holders.map(({ pid, fd }) => `${pid} ${fd}`).sort(),
    queued: listener?.queued,
    waiting: [...(listener?.waiting ?? [])].sort(),
    connections: connections.map(({ peer, holders }) => `${peer} ${holders[0]?.pid} ${holders[0]?.fd}`).sort(),
  };
}

async function startEcho(model: string): Promise<{ server: Running; port: number }> {
  const where = ['--host', '127.0.0.1', '--port', '0'];
  const server = await startPrefork(['echo', '--model', model, '--workers', '2', ...where]);
  const [, port] = await server.line(/^Listening on .*:(\d+)/);
  return { server, port: Number(port) };
}

test.each(['prefork', 'cluster', 'cluster-none', 'event-loop'])('%s: clients come and go', async (model) => {
  const { server, port } = await startEcho(model);
  const taker = new FigureTaker();
  const same = () =>
    eventually('the figure is what inspect says', () => {
      const [now, right] = [seen(taker, server.pid), truth(server.pid)];
      return JSON.stringify(now) === JSON.stringify(right) && right.listening !== undefined;
    });
  await same();
  const clients: Client[] = [];
  for (let n = 0; n < 5; n++) clients.push(await connect(port));
  await same();
  // A connection that takes the number of one that has just been closed, between two looks.
  for (let n = 0; n < 6; n++) {
    const leaving = clients.shift();
    leaving?.send('exit\n');
    await leaving?.ended;
    clients.push(await connect(port));
    await same();
  }
  for (const client of clients) client.socket.destroy();
  await eventually('nobody is served', () => seen(taker, server.pid).connections.length === 0);
  await same();
});

test('a killed child and the one in its place, which gets connections under the same numbers', async () => {
  const { server, port } = await startEcho('prefork');
  const taker = new FigureTaker();
  for (let n = 0; n < 3; n++) {
    const client = await connect(port);
    await eventually('a child serves', () => seen(taker, server.pid).connections.length === 1);
    const [, pid] = seen(taker, server.pid).connections[0]?.split(' ') ?? [];
    process.kill(Number(pid), 'SIGKILL');
    await client.ended;
    await eventually('the figure is what inspect says', () => {
      const now = seen(taker, server.pid);
      return now.processes.length === 3 && JSON.stringify(now) === JSON.stringify(truth(server.pid));
    });
  }
});

test('a process that opens another port, and another one under the same number', async () => {
  const program = `const net = require('net'); let server;
    const listen = () => { server = net.createServer().listen(0, '127.0.0.1', () => console.log('on', server.address().port)); };
    process.stdin.on('data', () => server.close(listen)); listen();`;
  const running = await start(process.execPath, ['-e', program]);
  const taker = new FigureTaker();
  for (let n = 0; n < 3; n++) {
    const [, port] = await running.line(/^on (\d+)$/);
    expect(taker.take([running.pid]).listeners.map(({ address }) => address)).toEqual([`127.0.0.1:${port}`]);
    running.stdin.write('\n');
  }
});

test('a process that listens under the number that a file had at the look before', async () => {
  const program = `const [fs, net] = [require('fs'), require('net')]; const files = [];
    for (let n = 0; n < 20; n++) files.push(fs.openSync('/dev/null')); console.log('open');
    process.stdin.once('data', () => { files.forEach(fs.closeSync);
      net.createServer().listen(0, '127.0.0.1', () => console.log('listens')); });`;
  const running = await start(process.execPath, ['-e', program]);
  const taker = new FigureTaker();
  await running.line(/^open$/);
  for (let n = 0; n < 3; n++) expect(taker.take([running.pid]).listeners).toEqual([]);
  running.stdin.write('\n');
  await running.line(/^listens$/);
  expect(taker.take([running.pid]).listeners).toHaveLength(1);
});
