import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../helpers/client.js';
import { isAlive, openDescriptors } from '../../helpers/proc.js';
import { startNode } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

test('lines are awaited in any order, each given once, split and unfinished ones too', async () => {
  const program = `
    const parts = ['one\\nt', 'wo\\n', Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1), '\\none\\nlast'];
    (function next() { if (parts.length) process.stdout.write(parts.shift(), () => setImmediate(next)); })();`;
  const p = await startNode(['-e', program]);
  expect((await p.line(/^t(wo)$/))[1]).toBe('wo');
  expect((await p.lines(2, /^one$/)).length).toBe(2);
  await p.line(/^ü$/);
  await p.line(/^last$/);
  await expect(p.line(/one/)).rejects.toThrow('no line matched /one/ until the end; all of the output:\none\ntwo\nü');
  expect(await p.closed).toEqual({ code: 0, signal: null });
});

test('a line that does not come is reported with the output so far', async () => {
  const p = await startNode(['-e', 'console.log("here"); console.error("there"); setInterval(() => {}, 1000)']);
  await Promise.all([p.line(/here/), p.line(/there/)]);
  await expect(p.line(/nowhere/, 50)).rejects.toThrow(/within 50 ms; all of the output:\n(here\nthere|there\nhere)/);
  expect([p.stdout.text, p.stderr.text]).toEqual(['here\n', 'there\n']);
});

let orphan: number;

test('a test may leave an orphan behind …', async () => {
  const p = await startNode([
    '-e',
    `const { spawn } = require('node:child_process');
     const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'],
                         { detached: true, stdio: 'ignore' });
     child.once('spawn', () => { console.log(child.pid); process.exit(5); })`,
  ]);
  orphan = Number((await p.line(/^\d+$/))[0]);
  expect(await p.exit).toEqual({ code: 5, signal: null });
  expect(isAlive(orphan)).toBe(true);
});

test('… and finds it gone afterwards', () => {
  expect(isAlive(orphan)).toBe(false);
});

test('a client sees lines, the end, and a reset', async () => {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await eventually('listening', () => server.listening);
  const { port } = server.address() as { port: number };
  const seen = openDescriptors().size;

  server.once('connection', (socket) => socket.end(`${socket.remotePort}\r\n`));
  const first = await connect(port);
  expect((await first.line(/^\d+$/))[0]).toBe(String(first.port));
  await first.ended;
  first.end();
  await first.closed;

  server.once('connection', (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const second = await connect(port);
  second.send('x');
  await second.closed;
  expect(second.error?.code).toBe('ECONNRESET');
  await eventually('both ends closed', () => openDescriptors().size === seen);
});
