import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { APP, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { startPrefork } from '../../helpers/process.js';

interface Entry {
  readonly time: string;
  readonly level: string;
  readonly role: string;
  readonly event: string;
  readonly message: string;
  readonly pid?: number;
  readonly slot?: number;
  readonly generation?: number;
  readonly addresses?: readonly string[];
}

test('with --log json each line is an object that says who it is about', async () => {
  const running = await startPrefork(['start', '-w', '2', '--log', 'json', APP]);
  await running.line(/"event":"serving"/);
  process.kill(running.pid, 'SIGHUP');
  await running.line(/"event":"reloaded"/);
  process.kill(running.pid, 'SIGTERM');
  expect(await running.closed).toEqual({ code: 0, signal: null });
  const entries: Entry[] = running.stderr.json();
  for (const { time, level, message, role, pid, slot, generation } of entries) {
    expect(new Date(time).toISOString()).toBe(time);
    expect(['info', 'warn', 'error']).toContain(level);
    expect(message).not.toBe('');
    expect(pid).toBeGreaterThan(1);
    if (role === 'monitor') expect(pid).toBe(running.pid);
    else expect(generation).toBeGreaterThan(0);
    if (role === 'worker') expect([0, 1]).toContain(slot);
  }
  const of = (name: string) => entries.filter(({ event }) => event === name);
  expect(of('loaded').map(({ role, generation }) => [role, generation])).toEqual([1, 2].map((n) => ['zygote', n]));
  expect(of('worker ready')).toHaveLength(4);
  expect(of('serving')).toMatchObject([{ role: 'monitor', addresses: [expect.stringMatching(/^127\.0\.0\.1:\d+$/)] }]);
  expect(entries.at(-1)).toMatchObject({ event: 'stopped', status: 0 });
});

test("a worker's own output passes as it is, and prefork's lines go to standard error only", async () => {
  const server = await startServer();
  await server.ask('/print');
  server.signal('SIGTERM');
  await server.ended;
  expect(server.running.stdout.text).toBe('no newline, \x00\u00ff');
  const [own, others] = [/^an error of mine$/, /^\[prefork\] (monitor|zygote gen 1|worker \d gen 1) pid \d+: ./];
  const lines = server.running.stderr.text.trim().split('\n');
  expect(lines.filter((line) => own.test(line))).toHaveLength(1);
  expect(lines.filter((line) => !own.test(line) && !others.test(line))).toEqual([]);
});

test('the file of --pidfile holds the process id to signal, as long as it runs', async () => {
  const folder = temporaryFolder();
  const pidfile = join(folder, 'pid');
  const server = await startServer({ args: ['--pidfile', pidfile] });
  expect(readFileSync(pidfile, 'utf8')).toBe(`${server.pid}\n`);
  const stop = await startPrefork(['stop', '--pidfile', pidfile]);
  expect(await stop.closed).toEqual({ code: 0, signal: null });
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(existsSync(pidfile)).toBe(false);
});
