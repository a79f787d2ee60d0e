import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { APP, startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { type Running, start, startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

const BOOT = 'test/fixtures/start/boot.mjs';
const DEAD = 4_194_305; // More than Linux gives.

/** An app that starts in a way of its own; 'slowly' takes half a second to listen. */
function boot(way: string, pidfile: string, ...args: string[]): Promise<Running> {
  return startPrefork(['start', '-w', '1', '--pidfile', pidfile, ...args, BOOT, '--', way]);
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

/** Waits until a start has the claim. */
function claimed(pidfile: string, { pid }: Running): Promise<unknown> {
  return eventually('it has claimed the pidfile', () => {
    return existsSync(`${pidfile}.starting`) && read(`${pidfile}.starting`) === `${pid}\n`;
  });
}

test('a second start with the pidfile of a server that runs is refused, and the first keeps it', async () => {
  const pidfile = join(temporaryFolder(), 'pid');
  const server = await startServer({ args: ['--pidfile', pidfile] });
  const second = await startPrefork(['start', '--pidfile', pidfile, APP]);
  expect(await second.closed).toEqual({ code: 1, signal: null });
  expect(second.stderr.text).toBe(
    `prefork: the pidfile ${pidfile} is that of server ${server.pid}, which runs; stop it first ` +
      `('prefork stop ${server.pid}'), or choose another --pidfile\n`,
  );
  expect(readdirSync(join(pidfile, '..'))).toEqual(['pid']);
  expect(read(pidfile)).toBe(`${server.pid}\n`);
  const stop = await startPrefork(['stop', '--pidfile', pidfile]);
  expect(await stop.closed).toEqual({ code: 0, signal: null });
  expect(existsSync(pidfile)).toBe(false);
});

test('a start that fails leaves the pidfile as it was', async () => {
  const pidfile = join(temporaryFolder(), 'pid');
  writeFileSync(pidfile, `${DEAD}\n`);
  const { closed } = await boot('throws', pidfile);
  expect(await closed).toEqual({ code: 4, signal: null });
  expect(read(pidfile)).toBe(`${DEAD}\n`);
  const { closed: ended } = await boot('slowly', pidfile, '--status-host', '192.0.2.1', '--status-port', '1');
  expect(await ended).toEqual({ code: 1, signal: null });
  expect(read(pidfile)).toBe(`${DEAD}\n`);
  expect(readdirSync(join(pidfile, '..'))).toEqual(['pid']);
});

test('so does one that is stopped before it serves', async () => {
  const pidfile = join(temporaryFolder(), 'pid');
  const server = await boot('waits', pidfile);
  await claimed(pidfile, server);
  process.kill(server.pid, 'SIGTERM');
  await server.closed;
  expect(readdirSync(join(pidfile, '..'))).toEqual([]);
});

test.each([
  ['of a process that has ended', () => `${DEAD}\n`],
  ['of another program', async () => `${(await start('sleep', ['600'])).pid}\n`],
  ['with something else', () => 'what is this?'],
])('a pidfile %s is replaced when the service serves, not before', async (_, content) => {
  const pidfile = join(temporaryFolder(), 'pid');
  const before = await content();
  writeFileSync(pidfile, before);
  const server = await boot('slowly', pidfile);
  await claimed(pidfile, server);
  expect(read(pidfile)).toBe(before);
  await server.stderr.line(/serving on/);
  expect(read(pidfile)).toBe(`${server.pid}\n`);
  process.kill(server.pid, 'SIGTERM');
  await server.closed;
  expect(readdirSync(join(pidfile, '..'))).toEqual([]);
});

test('of two starts at the same time one wins, and the other says so', async () => {
  const pidfile = join(temporaryFolder(), 'pid');
  const both = await Promise.all([boot('slowly', pidfile), boot('slowly', pidfile)]);
  const loser = await Promise.race(both.map((each) => each.closed.then(() => each)));
  const winner = both.find((each) => each !== loser) as Running;
  expect(await loser.closed).toEqual({ code: 1, signal: null });
  expect(loser.stderr.text).toMatch(
    new RegExp(`^prefork: another server is being started with the pidfile ${pidfile}.*; choose another --pidfile`),
  );
  await winner.stderr.line(/serving on/);
  expect(read(pidfile)).toBe(`${winner.pid}\n`);
  expect(readdirSync(join(pidfile, '..'))).toEqual(['pid']);
});

test('what a start has left behind that was killed is taken over', async () => {
  const pidfile = join(temporaryFolder(), 'pid');
  const killed = await boot('waits', pidfile);
  await claimed(pidfile, killed);
  process.kill(killed.pid, 'SIGKILL');
  await killed.closed;
  expect(readdirSync(join(pidfile, '..'))).toEqual(['pid.starting']);
  const server = await boot('slowly', pidfile);
  await server.stderr.line(/serving on/);
  expect(readdirSync(join(pidfile, '..'))).toEqual(['pid']);
});

test('a symbolic link is replaced, and what it leads to is not written', async () => {
  const here = temporaryFolder();
  const [pidfile, precious] = [join(here, 'pid'), join(here, 'precious')];
  writeFileSync(precious, 'precious');
  symlinkSync(precious, pidfile);
  const server = await startServer({ args: ['--pidfile', pidfile] });
  expect(lstatSync(pidfile).isFile()).toBe(true);
  expect(read(pidfile)).toBe(`${server.pid}\n`);
  expect(read(precious)).toBe('precious');
});

test('a pidfile that somebody else has written since stays', async () => {
  const pidfile = join(temporaryFolder(), 'pid');
  const server = await startServer({ args: ['--pidfile', pidfile] });
  writeFileSync(`${pidfile}.new`, '1\n');
  renameSync(`${pidfile}.new`, pidfile);
  server.signal('SIGTERM');
  await server.ended;
  expect(read(pidfile)).toBe('1\n');
});

test('a claim that is taken away is told of; the service serves', async () => {
  const pidfile = join(temporaryFolder(), 'pid');
  const server = await boot('slowly', pidfile);
  await claimed(pidfile, server);
  rmSync(`${pidfile}.starting`);
  await server.stderr.line(/: there is no pidfile: .*pid\.starting was taken away$/);
  await server.stderr.line(/serving on/);
  expect(existsSync(pidfile)).toBe(false);
});

test.each([
  ['in a folder that does not exist', (here: string) => join(here, 'none/pid'), /ENOENT/],
  ['below a file', (here: string) => join(here, 'file/pid'), /ENOTDIR/],
  ['that is a folder', (here: string) => join(here, 'folder'), /is no file; choose another --pidfile/],
  ['that is a device', (here: string) => join(here, 'null'), /is no file; choose another --pidfile/],
  ['whose claim is a symbolic link', (here: string) => join(here, 'linked'), /ELOOP/],
])('a pidfile %s is an error at the start', async (_, place, reason) => {
  const here = temporaryFolder();
  writeFileSync(join(here, 'file'), '');
  mkdirSync(join(here, 'folder'));
  symlinkSync('/dev/null', join(here, 'null'));
  symlinkSync(join(here, 'file'), join(here, 'linked.starting'));
  const before = readdirSync(here);
  const { closed, stderr } = await boot('slowly', place(here));
  expect(await closed).toEqual({ code: 1, signal: null });
  expect(stderr.text).toMatch(/^prefork: [^\n]*pidfile[^\n]*\n$/);
  expect(stderr.text).toMatch(reason);
  expect(readdirSync(here)).toEqual(before);
  expect(read(join(here, 'file'))).toBe('');
});

test.each(['stop', 'reload', 'scale 2'])('%s --pidfile refuses a process that is no server', async (command) => {
  const pidfile = join(temporaryFolder(), 'pid');
  const other = await start('sleep', ['600']);
  writeFileSync(pidfile, `${other.pid}\n`);
  const { closed, stderr } = await startPrefork([...command.split(' '), '--pidfile', pidfile]);
  expect(await closed).toEqual({ code: 1, signal: null });
  expect(stderr.text).toBe(`prefork: process ${other.pid}: it is not a prefork server\n`);
});
