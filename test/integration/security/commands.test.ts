// What a process of another user can say of itself to the commands that root runs.
import { spawnSync } from 'node:child_process';
import { chownSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isRoot } from '../../fixtures/security/server.js';
import { startServer } from '../../fixtures/start/server.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { isAlive } from '../../helpers/proc.js';
import { outcomeOf, ROOT, type Running, start, startNode } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

const asRoot = test.skipIf(!isRoot);
const SHARED_MEMORY = join(ROOT, 'dist/posix/shared-memory.js');
const LAYOUT = join(ROOT, 'dist/scoreboard/layout.js');

/** A process of the user nobody that has what looks like a scoreboard. @param code with `now`, `header`, `fd` and `write` */
async function startFake(code: string): Promise<Running> {
  const fake = await startNode([
    '--input-type=module',
    '-e',
    `
    import { truncateSync } from 'node:fs';
    import { createSharedMemory, mapSharedMemory } from ${JSON.stringify(SHARED_MEMORY)};
    import { HEADER, LAYOUT, MAGIC, SIZE, descriptionOffset } from ${JSON.stringify(LAYOUT)};
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
    const fd = createSharedMemory('prefork-scoreboard', SIZE);
    const memory = mapSharedMemory(fd, SIZE);
    const header = new Int32Array(memory, 0, 32);
    const now = { version: '0', pid: process.pid, app: '/app.js', args: [], cwd: '/', startedAt: Date.now(), target: 2,
      generation: 1, stopping: false, reload: { state: 'none', generation: 0 }, zygote: null, listeners: [],
      counters: { forked: 0, died: 0, killed: 0, reloads: 0 } };
    const write = (text = JSON.stringify(now)) => {
      header[HEADER.layout] = LAYOUT;
      header[HEADER.magic] = MAGIC;
      header[HEADER.headerVersion] = 1;
      header[HEADER.target] = now.target;
      const place = Buffer.from(memory, descriptionOffset(1), 65536);
      place.writeUInt32LE(Buffer.byteLength(text), 0);
      place.write(text, 4);
      header[HEADER.sequence] = 1;
      header[HEADER.pid] = now.pid;
    };
    const resize = (size) => truncateSync('/proc/self/fd/' + fd, size);
    process.on('SIGTERM', () => { console.log('terminated'); process.exit(); });
    ${code}
    setInterval(() => {}, 1000);
    console.log('runs');`,
  ]);
  await fake.line(/^runs$/);
  return fake;
}

asRoot.each([['stop'], ['stop', '--quick'], ['reload'], ['scale', '7']])(
  '%s signals nobody for a scoreboard that names another process',
  async (...command) => {
    const bystander = await start('sleep', ['600']);
    const fake = await startFake(`now.pid = ${bystander.pid}; write();`);
    const [code, text] = await outcomeOf(...command, `${fake.pid}`);
    expect([code, text]).toEqual([1, `prefork: process ${fake.pid}: its scoreboard is not that of its own server\n`]);
    expect([isAlive(bystander.pid), isAlive(fake.pid)]).toEqual([true, true]);
  },
);

asRoot('a worker is not taken for its monitor, whose scoreboard it has', async () => {
  const server = await startServer({ app: 'test/fixtures/security/app.mjs', workers: 1 });
  const [worker] = server.pids;
  const message = `prefork: process ${worker} is of server ${server.pid}, but not its monitor; give ${server.pid}\n`;
  expect(await outcomeOf('stop', `${worker}`)).toEqual([1, message]);
  expect((await outcomeOf('status', `${worker}`))[1]).toContain(`monitor ${server.pid},`);
  expect(await outcomeOf('stop', `${server.pid}`)).toEqual([0, `server ${server.pid} has ended\n`]);
});

asRoot("status without a PID never means another user's server, and does not fail for it", async () => {
  const fake = await startFake('write();');
  const server = await startServer({ workers: 1 });
  const [, text] = await outcomeOf('status');
  // Other servers of root may run beside: then the choice is among these.
  expect(text).toMatch(new RegExp(`monitor ${server.pid},|choose one: .*\\b${server.pid} `));
  expect(text).not.toContain(`${fake.pid}`);
});

asRoot.each([
  ['made shorter', 'write(); resize(4096);', /use that version's 'prefork status' for the rest/],
  ['empty', 'write(); resize(0);', /: what it calls its scoreboard is none of prefork/],
  ['of huge size', 'write(); resize(2 ** 40);', /use that version's 'prefork status' for the rest/],
  ['no JSON', 'write("{");', /describes no server/],
  ['with a list that is none', 'now.args = { length: 3e8 }; write();', /describes no server/],
  ['with text for a number', 'now.generation = "\\x1b[2J"; write();', /describes no server/],
])('a scoreboard %s is shown as what it is, at once', async (_, code, message) => {
  const fake = await startFake(code);
  const [, text] = await outcomeOf('status', `${fake.pid}`);
  expect(text).toMatch(message);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  expect(text).not.toMatch(/\x1b/);
});

/** A mount that nobody sees any more has no name before the file's: so it looks as the scoreboard's memory does. */
const FIFO = `
  mount -t tmpfs none /mnt
  fifo='/mnt/memfd:prefork-scoreboard'
  mkfifo "$fifo"; exec 9<>"$fifo"; rm "$fifo"; umount -l /mnt
  echo runs
  exec setpriv --reuid 65534 --regid 65534 --clear-groups sleep 600`;

(isRoot ? testWith('unshare', 'setpriv', 'bash') : test.skip)(
  'a FIFO in place of the memory holds up no command, nor the list of servers',
  async () => {
    const fake = await start('unshare', ['--mount', 'bash', '-ec', FIFO]);
    await fake.line(/^runs$/);
    await eventually(
      'it has the fake',
      () => readlinkSync(`/proc/${fake.pid}/fd/9`) === '/memfd:prefork-scoreboard (deleted)',
    );
    const message = `prefork: process ${fake.pid}: what it calls its scoreboard is no file\n`;
    for (const command of ['status', 'stop', 'reload'])
      expect(await outcomeOf(command, `${fake.pid}`)).toEqual([1, message]);
    expect((await outcomeOf('status'))[1]).not.toContain(`${fake.pid}`);
    expect((await outcomeOf('inspect', `${fake.pid}`))[1]).toContain('sleep');
  },
);

asRoot('control characters of another user reach no terminal', async () => {
  const fake = await startFake("now.app = '\\x1b]0;owned\\x07\\u009b31m\\n[prefork] forged'; write();");
  for (const command of ['status', 'inspect']) {
    const [, text] = await outcomeOf(command, `${fake.pid}`);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(text).not.toMatch(/^\[prefork\] forged/m);
  }
});

/** A folder of the user nobody, as a service's folder for its pidfile often is. */
function folderOfNobody(): string {
  const path = temporaryFolder();
  chownSync(path, 65534, 65534);
  return path;
}

asRoot("a pidfile of another user's leads to no server but that user's", async () => {
  const server = await startServer({ workers: 1 });
  const pidfile = join(folderOfNobody(), 'pid');
  writeFileSync(pidfile, `${server.pid}\n`);
  chownSync(pidfile, 65534, 65534);
  const message = `the pidfile ${pidfile} is user 65534's, but process ${server.pid} is user 0's; give the PID\n`;
  for (const command of [['stop'], ['reload'], ['scale', '3']])
    expect(await outcomeOf(...command, '--pidfile', pidfile)).toEqual([1, `prefork: ${message}`]);
  expect(server.pids).toHaveLength(1);
  chownSync(pidfile, 0, 0);
  expect(await outcomeOf('stop', '--pidfile', pidfile)).toEqual([0, `server ${server.pid} has ended\n`]);
});

asRoot('a FIFO in place of a pidfile holds up no command, and no start', async () => {
  const folder = folderOfNobody();
  for (const name of ['pid', 'other.starting']) spawnSync('mkfifo', [join(folder, name)]);
  for (const command of ['status', 'stop', 'reload']) {
    const [code, text] = await outcomeOf(command, '--pidfile', join(folder, 'pid'));
    expect([code, text]).toEqual([1, expect.stringContaining('is no file')]);
  }
  const [code, text] = await outcomeOf('start', '--pidfile', join(folder, 'other'), 'test/fixtures/start/app.mjs');
  expect([code, text]).toEqual([1, expect.stringContaining('cannot write the pidfile')]);
});

asRoot("another user's process that has the id in an old pidfile keeps no server from starting", async () => {
  const fake = await startFake('write();');
  const pidfile = join(folderOfNobody(), 'pid');
  writeFileSync(pidfile, `${fake.pid}\n`);
  const server = await startServer({ workers: 1, args: ['--pidfile', pidfile] });
  expect(await outcomeOf('stop', '--pidfile', pidfile)).toEqual([0, `server ${server.pid} has ended\n`]);
});
