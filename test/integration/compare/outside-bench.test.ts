import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { connect } from '../../helpers/client.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { processesWithEnvironment } from '../../helpers/proc.js';
import { type Running, start, startNode } from '../../helpers/process.js';
import { findExecutable, testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

interface Sample {
  readonly figure: string;
  readonly name: string;
  readonly missing?: string;
  readonly perSecond?: number;
  readonly pssMb?: number;
}

async function startYardstick(workers: number): Promise<{ running: Running; port: number; children: number[] }> {
  const program = join(temporaryFolder(), 'prefork');
  const compiler = await start('cc', ['-Wall', '-Wextra', '-Werror', '-o', program, 'bench/yardstick/prefork.c']);
  expect(await compiler.exit).toEqual({ code: 0, signal: null });
  const running = await start(program, [`${workers}`]);
  const [, port, parent, children] = await running.line(
    /^Listening on 127\.0\.0\.1:(\d+), parent (\d+), children (.+)$/,
  );
  expect(Number(parent)).toBe(running.pid);
  return { running, port: Number(port), children: children?.split(' ').map(Number) ?? [] };
}

testWith('cc')('the yardstick speaks the protocol of prefork echo', async () => {
  const { port } = await startYardstick(1);
  const first = await connect(port);
  first.send('a\nb\r\nhalf ');
  await first.line(/^b$/);
  first.send('a line\nexit\r\nno more\n');
  await first.ended;
  expect(first.text).toBe('a\nb\r\nhalf a line\n');
  const second = await connect(port);
  second.send('unfinished');
  second.end();
  await second.ended;
  expect(second.text).toBe('unfinished');
});

testWith('cc')('each worker of the yardstick has one client at a time, and dies with its parent', async () => {
  const { running, port, children } = await startYardstick(2);
  expect(children).toHaveLength(2);
  const [one, two, three] = [await connect(port), await connect(port), await connect(port)];
  for (const client of [one, two, three]) client.send('hello\n');
  await Promise.all([one.line(/^hello$/), two.line(/^hello$/)]);
  expect(three.text).toBe('');
  two.end();
  await three.line(/^hello$/);
  process.kill(running.pid, 'SIGKILL');
  await Promise.all([one.ended, three.ended, running.closed]);
});

testWith('cc')('every figure has its number, and what is not installed its reason', async () => {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['cc', 'as', 'ld', 'getconf']) {
    symlinkSync(findExecutable([name]) ?? `${name} is not installed`, join(bin, name));
  }
  const out = join(folder, 'out.json');
  const of = 'yardstick,prefork echo,Ruby original,prefork start';
  const options = ['--quick', '--seconds', '0.1', '--workers', '2', '--of', of, '--out', out];
  const bench = await startNode(['bench/outside.mjs', ...options], { env: { PATH: bin } });
  expect(await bench.closed).toEqual({ code: 0, signal: null });
  const { samples } = JSON.parse(readFileSync(out, 'utf8'));
  const seen = samples.map(({ figure, name, missing, perSecond, pssMb }: Sample) => [
    `${figure}: ${name}`,
    missing ?? (perSecond ?? pssMb ?? 0) > 0,
  ]);
  const echoes = ['line', 'lines', 'exchange', 'accept'].flatMap((figure) => [
    [`${figure}: yardstick`, true],
    [`${figure}: prefork echo`, true],
    [`${figure}: Ruby original`, 'ruby is not installed; apt-get install ruby'],
  ]);
  const http = ['request', 'kept', 'memory'].map((figure) => [`${figure}: prefork start`, true]);
  expect(seen).toEqual([...echoes, ...http]);
  expect(bench.stdout.text).toMatch(/^Ruby original +- .*ruby is not installed; apt-get install ruby$/m);
});

testWith('cc')('a run that is broken off leaves no process and no file behind', async () => {
  const mark = randomUUID();
  const folder = temporaryFolder();
  const options = ['--quick', '--only', 'echo', '--of', 'yardstick,plain node,node:cluster'];
  const env = { OUTSIDE_TEST: mark, TMPDIR: folder };
  const bench = await startNode(['bench/outside.mjs', ...options], { env });
  const left = () => processesWithEnvironment('OUTSIDE_TEST', mark).filter((pid) => pid !== bench.pid);
  await bench.line(/: plain node$/);
  await bench.line(/: node:cluster$/);
  // The yardstick with its 3 workers, plain Node, the primary with its 3, and the client.
  await eventually('all servers and the client run', () => left().length === 4 + 1 + 4 + 1);
  process.kill(bench.pid, 'SIGINT');
  expect(await bench.exit).toEqual({ code: 130, signal: null });
  await eventually('all are gone', () => left().length === 0);
  expect(readdirSync(folder)).toEqual([]);
});
