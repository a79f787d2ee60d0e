// The command as a user starts it; what each row finds is tested with its observation.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Comparison } from '../../../src/compare/comparison.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { childrenOf, isAlive } from '../../helpers/proc.js';
import { outputsOf, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

test.each([
  [['--only', 'who-accepts,speed'], "--only knows no 'speed'; there are who-accepts, listener, "],
  [['--rounds', '0'], '--rounds must be a whole number from 1 to 50'],
  [['--report', '/no/such/folder/report.html'], 'cannot be written (ENOENT); choose another place'],
  [['--report', tmpdir()], 'is a folder; name a file'],
  [['cluster'], "unexpected argument 'cluster'"],
])('%j: status 2, before anything is started', async (args, message) => {
  const { code, stdout, stderr } = await outputsOf('compare', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('all models side by side, as JSON', async () => {
  const { code, stdout, stderr } = await outputsOf(
    'compare',
    '--quick',
    '--only',
    'who-accepts,fourth-client',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { quick, models, rows } = JSON.parse(stdout) as Comparison;
  expect(quick).toBe(true);
  expect(models.map(({ id }) => id)).toEqual(['prefork', 'start', 'cluster', 'cluster-none', 'event-loop']);
  expect(rows.map(({ id }) => id)).toEqual(['who-accepts', 'fourth-client']);
  const [accepts, fourth] = rows;
  expect(accepts?.cells.prefork.seen).toMatch(/^3 children block in accept4\(\d+\)/);
  expect(accepts?.cells.cluster.seen).toMatch(/^the primary waits for fd \d+ in epoll/);
  // The document's fourth client waits; an event loop takes it in.
  expect(fourth?.cells.prefork.figures.answered).toBe(null);
  expect(fourth?.cells['event-loop'].figures.answered?.median).toBeGreaterThan(0);
});

test('a table on the terminal, and a page', async () => {
  const report = join(temporaryFolder(), 'report.html');
  const { code, stdout } = await outputsOf('compare', '--quick', '--only', 'listener', '--report', report);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Who has the listening socket$/m);
  expect(stdout).toMatch(/^ {2}prefork +one open file description by kcmp/m);
  expect(readFileSync(report, 'utf8')).toMatch(/^<!doctype html>.*one open file description by kcmp.*<\/html>\s*$/is);
});

test('broken off by Ctrl-C, it leaves nothing behind', async () => {
  const command = await startPrefork(['compare', '--quick', '--only', 'who-accepts']);
  const family: number[] = [];
  await eventually('a server with children runs', () => {
    const servers = childrenOf(command.pid).map(({ pid }) => pid);
    const children = servers.flatMap((pid) => childrenOf(pid).map((child) => child.pid));
    family.push(...servers, ...children);
    return children.length > 0;
  });
  process.kill(command.pid, 'SIGINT');
  expect(await command.closed).toEqual({ code: 130, signal: null });
  await eventually('all it has started is gone', () => !family.some(isAlive));
});
