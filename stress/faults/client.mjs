// Asks without a break until standard input ends, then says how often and, one by one, what failed: from which port,
// when the connection was begun and when it failed, by the monotonic clock in microseconds.
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from './judge.mjs';

const { port, keepAlive, clients, pause } = JSON.parse(process.argv[2]);
const ANSWER = /^0 x{2048}\n$/;
const agent = new Agent({ keepAlive, maxSockets: clients });
const begun = new WeakMap();
const failures = [];
let requests = 0;
let stopped = false;

/** Resolves to what went wrong, or to undefined. */
function ask() {
  return new Promise((resolve) => {
    const asked = now();
    let socket;
    let local;
    const fail = (why) => resolve({ why, port: local ?? socket?.localPort, begun: begun.get(socket), at: now() });
    const request = get(
      { port, host: '127.0.0.1', agent, path: `/?ms=${Math.floor(Math.random() * 8)}` },
      (response) => {
        let body = '';
        response.setEncoding('latin1').on('data', (chunk) => {
          body += chunk;
        });
        response.on('error', ({ code }) => fail(`${code} in the answer`));
        response.on('end', () => (response.complete && ANSWER.test(body) ? resolve() : fail('a wrong answer')));
      },
    );
    request.on('socket', (given) => {
      socket = given;
      local = given.localPort;
      if (!given.connecting) return;
      begun.set(given, asked);
      given.once('connect', () => {
        local = given.localPort; // It is gone once the socket is closed.
      });
    });
    request.on('error', ({ code, syscall = '' }) =>
      fail(`${code} ${syscall}${request.reusedSocket ? ', reused' : ''}`),
    );
  });
}

async function client() {
  while (!stopped) {
    const failure = await ask();
    requests++;
    if (failure) failures.push(failure);
    if (pause > 0) await sleep(Math.random() * pause);
  }
}

process.stdin.resume().once('end', () => {
  stopped = true;
});
await Promise.all(Array.from({ length: clients }, client));
agent.destroy();
process.stdout.write(JSON.stringify({ requests, failures }));
