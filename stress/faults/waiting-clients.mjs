import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from './server.mjs';

const REQUEST = 'GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n';
/** So many descriptors each worker may open beyond those that it has. */
const ROOM = 12;
const BACKLOG = 8;

/** Every worker's descriptors run out; who waits is served when there are some again. */
export async function fullTable({ clients }) {
  const server = await startServer(['-w', '4']);
  for (const { pid } of server.workers) limitDescriptors(pid);
  const asking = Array.from({ length: clients }, () => new Asking(server.port));
  await Promise.all(asking.map(({ connected }) => connected));
  await server.until('all are full', () => server.log.filter((line) => /cannot accept.*EMFILE/.test(line)).length >= 4);
  const held = server.workers.reduce((sum, { connections }) => sum + connections, 0);
  for (const client of asking) client.ask();
  const served = await countServed(asking);
  const after = await countServed([new Asking(server.port).ask()]);
  const left = await server.stop();
  return {
    numbers: { connected: clients, acceptedWhenFull: held, served, servedAfterwards: after },
    violations: [
      ...(held < clients ? [] : ['no table was full']),
      ...(served < clients ? [`${clients - served} of ${clients} were not served`] : []),
      ...(after < 1 ? ['not served afterwards'] : []),
      ...left,
    ],
  };
}

/** All workers stand still, the queue runs over; who is connected is served when they go on. */
export async function fullBacklog() {
  const server = await startServer(['-w', '4', '--backlog', String(BACKLOG)]);
  const pids = server.workers.map(({ pid }) => pid);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const asking = Array.from({ length: 100 }, () => new Asking(server.port));
  await sleep(500);
  const connected = asking.filter(({ isConnected }) => isConnected);
  for (const client of connected) client.ask();
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  const served = await countServed(connected);
  // The kernel tries the others' connections again, all at the same time, and again finds room for a few only.
  for (const { socket } of asking) socket.destroy();
  const after = await countServed([new Asking(server.port).ask()]);
  const left = await server.stop();
  return {
    numbers: {
      backlog: BACKLOG,
      connects: asking.length,
      connected: connected.length,
      served,
      servedAfterwards: after,
    },
    violations: [
      ...(connected.length === asking.length ? ['the backlog was not full'] : []),
      ...(served < connected.length ? [`${connected.length - served} that were connected were not served`] : []),
      ...(after < 1 ? ['not served afterwards'] : []),
      ...left,
    ],
  };
}

function limitDescriptors(pid) {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let limit = 0;
  for (let free = 0; free < ROOM; limit++) if (!open.has(limit)) free++;
  execFileSync('prlimit', [`--nofile=${limit}`, '--pid', String(pid)]);
}

/** A client that connects, and may ask later. */
class Asking {
  isConnected = false;

  constructor(port) {
    this.socket = connect(port, '127.0.0.1').on('error', () => {});
    this.answer = new Promise((resolve) => {
      this.socket.once('data', (data) => resolve(data.toString('latin1')));
      this.socket.once('close', () => resolve(''));
    });
    this.connected = once(this.socket, 'connect').then(() => {
      this.isConnected = true;
    });
  }

  ask() {
    this.socket.write(REQUEST);
    return this;
  }
}

async function countServed(asking) {
  const late = sleep(20_000, '', { ref: false });
  const answers = await Promise.all(asking.map(({ answer }) => Promise.race([answer, late])));
  for (const { socket } of asking) socket.destroy();
  return answers.filter((answer) => answer.startsWith('HTTP/1.1 200')).length;
}
