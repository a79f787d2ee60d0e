// What the parent does while it forks. Each starts with tick(), called every few milliseconds, or with servers and
// listeners of its own, and checks its own work; stop() gives the number of things that it did. With inChild(), which
// gives random numbers that no other process may draw, children keep the parent's Workers.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { SLOWNESS } from './slowness.mjs';
import { withWorkers } from './threads.mjs';

/** Repeats `act` until stop(), with a pause of `ms` that lets the event loop run; not in a child. */
function repeat(act, ms) {
  const owner = process.pid;
  let count = 0;
  let stopped = false;
  const done = (async () => {
    while (!stopped && process.pid === owner) {
      await act(count++);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  })();
  const stop = async () => {
    stopped = true;
    await done;
    return count;
  };
  return { stop };
}

const PAUSE = 2;

function allocating(_report, pause = PAUSE) {
  const window = [];
  return repeat((round) => {
    const block = [];
    for (let i = 0; i < 20_000; i++) block.push({ i, round, text: `${i}`, next: [round, i] });
    window.push(block);
    if (window.length > 30) for (const [i, { next }] of window.shift().entries()) assert.equal(next[1], i);
  }, pause);
}

function compiling(_report, pause = PAUSE) {
  return repeat((round) => {
    for (let i = 0; i < 5; i++) {
      const source = `let s = ${round}; for (let i = 0; i < n; i++) s += (i ^ ${i}) & 1; return [s, (() => ${round})()];`;
      const compiled = new Function('n', source);
      for (let j = 0; j < 60; j++) compiled(500);
      assert.deepEqual(compiled(1000), [round + 500, round]);
    }
  }, pause);
}

/** The bytes that /n answers with, to be known on both sides. */
export const payload = (n) => Buffer.alloc(20_000 + (n % 7) * 10_000, `answer ${n} `);

async function serving(report) {
  let requests = 0;
  const server = http.createServer((request, response) => {
    requests++;
    if (request.url === '/file') fs.createReadStream(process.execPath, { end: (1 << 20) - 1 }).pipe(response);
    else response.end(payload(Number(request.url.slice(1))));
  });
  // A client must not use a connection again at the moment when it is closed for idling.
  server.keepAliveTimeout *= SLOWNESS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  report({ event: 'serving', port: server.address().port });
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    return requests;
  };
  return { stop };
}

function usingThePool() {
  const key = crypto.pbkdf2Sync('a', 'b', 1000, 8, 'sha256');
  const bytes = Buffer.alloc(200_000, 'compress me ');
  const jobs = [
    async () => assert.deepEqual(await promisify(crypto.pbkdf2)('a', 'b', 1000, 8, 'sha256'), key),
    async () => assert.deepEqual(await promisify(zlib.gunzip)(await promisify(zlib.gzip)(bytes)), bytes),
    async () => assert.match(await fs.promises.readFile('/proc/self/status', 'utf8'), /^Name:/),
  ];
  const repeated = jobs.flatMap((job) => [repeat(job, 1), repeat(job, 1)]);
  return { stop: async () => (await Promise.all(repeated.map(({ stop }) => stop()))).reduce((a, b) => a + b) };
}

/** The supervisor has them sent, SIGUSR2 and SIGCHLD in turn. */
function gettingSignals(report) {
  let count = 0;
  process.on('SIGUSR2', () => count++);
  report({ event: 'awaitingSignals' });
  return { stop: () => count };
}

const idle = () => ({ stop: () => 0 });

async function all(report) {
  const started = [
    allocating(report, 20),
    compiling(report, 20),
    await serving(report),
    usingThePool(),
    gettingSignals(report),
  ];
  return { stop: async () => (await Promise.all(started.map(({ stop }) => stop()))).reduce((a, b) => a + b) };
}

export const activities = { idle, allocating, compiling, serving, usingThePool, gettingSignals, withWorkers, all };
