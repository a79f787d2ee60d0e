import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DescriptionView, Inspection } from '../../../src/inspect/index.js';
import { connect } from '../../helpers/client.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { currentSyscall, isAlive, openDescriptors, processStat } from '../../helpers/proc.js';
import { outputsOf, ROOT, type Running, start, startNode, startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

const INSPECT = JSON.stringify(join(ROOT, 'dist/inspect/index.js'));

async function seen(...args: readonly string[]): Promise<Inspection> {
  const { code, stdout, stderr } = await outputsOf('inspect', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** `prefork echo` with three children that wait in accept. */
async function startEcho(): Promise<{ server: Running; port: number; children: number[] }> {
  const server = await startPrefork(['echo', '--port', '0', '--host', '127.0.0.1']);
  const [, port, list = ''] = await server.line(/^Listening on .*:(\d+), parent \d+, children ([\d ]+)$/);
  const children = list.split(' ').map(Number);
  await eventually('the children accept', () => children.every((pid) => currentSyscall(pid) === 'accept4'));
  return { server, port: Number(port), children };
}

function listenerOf({ descriptions }: Inspection): DescriptionView {
  const [only, ...others] = descriptions.filter(({ socket }) => socket?.state === 'LISTEN');
  expect(others).toEqual([]);
  return only as DescriptionView;
}

test('parent and children hold one listener, a client is held by one child, and the fourth waits', async () => {
  const { server, port, children } = await startEcho();
  const clients = [await connect(port), await connect(port), await connect(port)];
  for (const client of clients)
    await server.line(new RegExp(`accepted a client! \\(127\\.0\\.0\\.1:${client.port}\\)`));
  const fourth = await connect(port);
  const inspection = await seen(`${server.pid}`);

  expect(inspection.processes.map(({ pid, parent }) => [pid, parent])).toEqual([
    [server.pid, process.pid],
    ...children.toSorted((a, b) => a - b).map((pid) => [pid, server.pid]),
  ]);
  const listener = listenerOf(inspection);
  expect(listener).toMatchObject({ label: `tcp 127.0.0.1:${port} LISTEN`, proof: 'kcmp' });
  expect(new Set(listener.holders.map(({ pid }) => pid))).toEqual(new Set([server.pid, ...children]));
  expect(listener.socket).toMatchObject({ queued: 1, waiting: [`127.0.0.1:${fourth.port}`] });

  const holders = clients.map((client) => {
    const rows = inspection.descriptions.filter(({ socket }) => socket?.peer === `127.0.0.1:${client.port}`);
    expect(rows.map(({ holders }) => holders.length)).toEqual([1]);
    return rows[0]?.holders[0]?.pid;
  });
  expect(new Set(holders)).toEqual(new Set(children));
  expect(inspection.notes).toEqual([]);
});

test('a child waits in accept on the listener, and takes memory', async () => {
  const { server, children } = await startEcho();
  const inspection = await seen(`${server.pid}`);
  const listener = listenerOf(inspection);
  for (const pid of children) {
    const child = inspection.processes.find((process) => process.pid === pid);
    const fd = listener.holders.find((holder) => holder.pid === pid)?.fd;
    expect(child).toMatchObject({
      name: 'node',
      role: null,
      state: 'sleeping',
      descriptors: openDescriptors(pid).size,
    });
    expect(child?.threads[0]).toMatchObject({ tid: pid, waitsIn: `accept4(${fd})` });
    expect(child?.threads.length).toBeGreaterThan(5);
    expect(child?.rss).toBeGreaterThan(child?.pss ?? 0);
    expect(child?.pss).toBeGreaterThan(child?.private ?? 0);
    expect(child?.private).toBeGreaterThan(0);
  }
});

test('the table, the picture and the one for Graphviz show the same listener', async () => {
  const folder = temporaryFolder();
  const { server, port, children } = await startEcho();
  const { stdout } = await outputsOf('inspect', `${server.pid}`);
  expect(stdout).toMatch(new RegExp(`^ *(\\d+)( +\\1){3}  tcp 127\\.0\\.0\\.1:${port} LISTEN +0 of 511 waiting`, 'm'));
  const dot = expect.stringContaining(`tcp 127.0.0.1:${port} LISTEN`);
  expect(await outputsOf('inspect', '--dot', `${server.pid}`)).toEqual({ code: 0, stdout: dot, stderr: '' });
  const file = join(folder, 'picture.svg');
  expect(await outputsOf('inspect', '--svg', file, `${server.pid}`)).toEqual({ code: 0, stdout: '', stderr: '' });
  const svg = readFileSync(file, 'utf8');
  for (const text of [server.pid, ...children, `tcp 127.0.0.1:${port} LISTEN`])
    expect(svg).toContain(`>${text}</text>`);
});

test("a server of prefork start is shown with its roles and its listener's backlog", async () => {
  const server = await startPrefork(['start', join(ROOT, 'test/fixtures/apps/http.mjs'), '-w', '2']);
  await server.line(/serving on .* with 2 workers/);
  const inspection = await seen(`${server.pid}`);
  expect(inspection.processes.map(({ role }) => role)).toEqual(['monitor', 'zygote', 'worker 0', 'worker 1']);
  const listener = listenerOf(inspection);
  expect(new Set(listener.holders.map(({ pid }) => pid)).size).toBe(4);
  expect(listener.socket).toMatchObject({ queued: 0, backlog: 511 });
  const watching = inspection.descriptions.filter(({ label }) => label.includes('(exclusive)'));
  expect(watching.map(({ holders }) => holders.length)).toEqual([1, 1]);
});

test('the primary of node:cluster alone holds the listener, and hands out', async () => {
  const script = `
    const cluster = require('node:cluster');
    if (cluster.isPrimary) {
      let ready = 0;
      const worker = () => cluster.fork().on('listening', () => ++ready === 2 && console.log('listening'));
      worker(), worker();
    } else require('node:net').createServer().listen(0, '127.0.0.1');`;
  const folder = temporaryFolder();
  const app = join(folder, 'app.cjs');
  writeFileSync(app, script);
  const primary = await startNode([app]);
  await primary.line(/^listening$/);
  const inspection = await seen(`${primary.pid}`);
  expect(inspection.processes).toHaveLength(3);
  expect(listenerOf(inspection)).toMatchObject({
    holders: [{ pid: primary.pid }],
    socket: { queued: 0, backlog: 511 },
  });

  expect(inspection.processes.map(({ role }) => role)).toEqual([
    'cluster primary',
    'cluster worker 1',
    'cluster worker 2',
  ]);

  const workers = inspection.processes.slice(1).map(({ pid }) => pid);
  const ends = inspection.descriptions.filter(({ socket }) => workers.includes(socket?.peerHolders[0]?.pid ?? 0));
  expect(ends.map(({ holders, socket }) => [holders[0]?.pid, socket?.peerHolders[0]?.pid])).toEqual(
    workers.map((pid) => [primary.pid, pid]),
  );
  const { stdout } = await outputsOf('inspect', `${primary.pid}`);
  for (const pid of [primary.pid, ...workers])
    expect(stdout).toMatch(new RegExp(`CONNECTED ↔ \\d+ of ${pid} \\(cluster`));
});

test('the queue of a unix listener, of any process, and who waits in it', async () => {
  const path = join(temporaryFolder(), 'socket');
  const script = `
    require('node:net').createServer().listen({ path: '${path}', backlog: 7 }, () => {
      console.log('listening');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const server = await startNode(['-e', script]);
  await server.line(/^listening$/);
  const client = await startNode([
    '-e',
    `require('node:net').connect('${path}', () => console.log('connected')).on('error', () => {});`,
  ]);
  await client.line(/^connected$/);
  const inspection = await seen(`${server.pid}`, `${client.pid}`);
  const connection = inspection.descriptions.find(({ label }) => label.endsWith('↔ not accepted yet'));
  expect(connection?.holders[0]?.pid).toBe(client.pid);
  expect(listenerOf(inspection)).toMatchObject({
    label: `unix stream ${path} LISTEN`,
    socket: { queued: 1, backlog: 7, waiting: [`inode ${connection?.socket?.inode}`] },
  });
});

test('a unix socket whose other end is closed says so, and what was sent can still be read', async () => {
  const script = `
    import { close, socketpair, write } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    const [one, other] = socketpair();
    write(other, 'hello');
    close(other);
    console.log(one);
    setInterval(() => {}, 60000);`;
  const holder = await startNode(['--input-type=module', '-e', script]);
  const fd = Number((await holder.stdout.line(/^\d+$/))[0]);
  const { descriptions } = await seen(`${holder.pid}`);
  const left = descriptions.find(({ holders }) => holders.some((held) => held.fd === fd));
  expect(left).toMatchObject({
    label: expect.stringMatching(/^unix stream \(inode \d+\) CONNECTED ↔ closed$/),
    socket: { receiveQueue: 5, peerInode: 0, peerClosed: true },
  });
});

test('without sock_diag it says what is unknown, and shows the rest', async () => {
  const { server, port } = await startEcho();
  const script = `
    import { inspect } from ${INSPECT};
    const refused = () => { throw Object.assign(new Error('sock_diag'), { code: 'EPERM' }); };
    console.log(JSON.stringify(inspect([${server.pid}], { diagnose: refused })));`;
  const looking = await startNode(['--input-type=module', '-e', script]);
  expect(await looking.closed).toEqual({ code: 0, signal: null });
  const inspection: Inspection = JSON.parse(looking.stdout.text);
  expect(inspection.notes).toEqual([expect.stringMatching(/^sock_diag is refused \(EPERM\): .* unknown$/)]);
  expect(listenerOf(inspection)).toMatchObject({
    label: `tcp 127.0.0.1:${port} LISTEN`,
    socket: { queued: 0, backlog: null },
  });
});

test('where kcmp is refused, it says that inodes prove less', async () => {
  const { server, children } = await startEcho();
  const script = `
    import { inspect, renderText } from ${INSPECT};
    const refused = () => { throw Object.assign(new Error('kcmp'), { code: 'EPERM' }); };
    const seen = inspect([${server.pid}], { compare: refused });
    console.log(JSON.stringify(seen));
    console.log(renderText(seen));`;
  const looking = await startNode(['--input-type=module', '-e', script]);
  expect(await looking.closed).toEqual({ code: 0, signal: null });
  const inspection: Inspection = JSON.parse(looking.stdout.text.split('\n')[0] ?? '');
  const listener = listenerOf(inspection);
  expect(listener.proof).toBe('inode');
  expect(new Set(listener.holders.map(({ pid }) => pid))).toEqual(new Set([server.pid, ...children]));
  const epolls = inspection.descriptions.filter(({ kind }) => kind === 'epoll');
  expect(epolls.every(({ holders }) => holders.length === 1)).toBe(true);
  expect(looking.stdout.text).toMatch(/ LISTEN \(by inode\) /);
  expect(looking.stdout.text).toMatch(/^! kcmp is refused \(EPERM\): .* proves less/m);
});

test('two processes that are no kin can be looked at together', async () => {
  const [one, other] = [await start('sleep', ['600']), await start('sleep', ['600'])];
  const inspection = await seen(`${other.pid}`, `${one.pid}`);
  expect(inspection.processes.map(({ pid, name }) => [pid, name])).toEqual([
    [other.pid, 'sleep'],
    [one.pid, 'sleep'],
  ]);
});

test('whatever serves by prefork is found, at the top of its tree', async () => {
  const echo = await startEcho();
  const started = await startPrefork(['start', join(ROOT, 'test/fixtures/apps/http.mjs'), '-w', '1']);
  await started.line(/serving on .* with 1 worker/);
  const lesson = await startPrefork(['lesson', '6', '--port', '0', '--lang', 'en']);
  await lesson.line(/\d/);
  const { code, stderr } = await outputsOf('inspect');
  expect(code).toBe(2);
  const found = [...stderr.matchAll(/(\d+) \(/g)].map(([, pid]) => Number(pid));
  expect(found).toEqual(expect.arrayContaining([echo.server.pid, started.pid, lesson.pid]));
  for (const child of echo.children) expect(found).not.toContain(child);
});

test('a thread is no process, and of several PIDs a wrong one does not hide the others', async () => {
  const { server } = await startEcho();
  const tid = Number(readdirSync(`/proc/${server.pid}/task`).find((name) => Number(name) !== server.pid));
  const message = `${tid} is a thread of process ${server.pid}; ask for that`;
  expect(await outputsOf('inspect', `${tid}`)).toEqual({ code: 1, stdout: '', stderr: `prefork: ${message}\n` });
  const { processes, notes } = await seen(`${tid}`, `${server.pid}`);
  expect(processes[0]?.pid).toBe(server.pid);
  expect(notes).toEqual([message]);
});

testWith('bash')('a zombie is shown as what it is', async () => {
  // The child ends with the input, when its parent is no longer the shell, which would reap it.
  const parent = await start('bash', ['-c', 'cat <&0 & echo $!; exec sleep 600']);
  const zombie = Number((await parent.stdout.line(/^\d+$/))[0]);
  await eventually('the shell is gone', () => processStat(parent.pid)?.command === 'sleep');
  parent.stdin.end();
  await eventually('the child has ended', () => processStat(zombie)?.state === 'Z');
  const { processes, notes } = await seen(`${zombie}`);
  expect(processes).toMatchObject([{ pid: zombie, state: 'zombie', descriptors: 0, rss: 0 }]);
  expect(notes).toEqual([]);
});

testWith('setpriv')("what is another user's is shown without its descriptors", async ({ skip }) => {
  skip(process.geteuid?.() !== 0, 'only root can ask as somebody else');
  const { server, children } = await startEcho();
  const asNobody = ['--reuid', '65534', '--clear-groups', process.execPath, 'dist/cli/main.js'];
  const command = await start('setpriv', [...asNobody, 'inspect', `${server.pid}`]);
  expect(await command.closed).toEqual({ code: 0, signal: null });
  const pids = [server.pid, ...children.toSorted((a, b) => a - b)].join(', ');
  expect(command.text).toContain(
    `! the descriptors of ${pids} may not be read; ask as user 0, whose they are, or as root\n`,
  );
  expect(command.text).toMatch(new RegExp(`^${server.pid} .* MiB +– +– +–$`, 'm'));
});

testWith('bash')('10,000 descriptors of one file are told apart by bisection', async () => {
  const script = `
    ulimit -n 12000
    exec ${process.execPath} -e '
      const { openSync } = require("node:fs");
      for (let n = 0; n < 10000; n++) openSync(process.execPath);
      console.log("open");
      setInterval(() => {}, 60000);'`;
  const holder = await start('bash', ['-c', script]);
  await holder.line(/^open$/);
  const looking = await startNode([
    '--input-type=module',
    '-e',
    `import { inspect } from ${INSPECT};
    import { kcmp } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    let compared = 0;
    const compare = (...descriptors) => (compared++, kcmp(...descriptors));
    const { descriptions } = inspect([${holder.pid}], { compare });
    const found = descriptions.filter(({ label }) => label === 'file ' + process.execPath).length;
    console.log(JSON.stringify({ found, compared }));`,
  ]);
  expect(await looking.closed).toEqual({ code: 0, signal: null });
  const { found, compared } = JSON.parse(looking.stdout.text);
  expect(found).toBe(10_000);
  expect(compared).toBeLessThan(10_100 * Math.ceil(Math.log2(10_100)));
});

testWith('bash')('processes that come and go while it looks do no harm', async () => {
  // Each child lives for a moment and opens and closes as it goes.
  const script = 'echo busy; while :; do (exec 9</etc/hosts; sleep 0.01) & (sleep 0.02; exit) & wait; done';
  const busy = await start('bash', ['-c', script]);
  await busy.line(/^busy$/);
  const looking = await startNode([
    '--input-type=module',
    '-e',
    `import { inspect, renderText, renderSvg } from ${INSPECT};
    let most = 0;
    for (let n = 0; n < 30; n++) {
      const seen = inspect([${busy.pid}]);
      renderText(seen, { all: true }), renderSvg(seen, { all: true });
      most = Math.max(most, seen.processes.length);
    }
    console.log('most', most);`,
  ]);
  expect(await looking.closed).toEqual({ code: 0, signal: null });
  expect(Number(/^most (\d+)$/m.exec(looking.stdout.text)?.[1])).toBeGreaterThan(1);
});

test('--watch goes on until the tree has ended, and says so', async () => {
  const { server } = await startEcho();
  const command = await startPrefork(['inspect', '--watch', '--interval', '0.1', '--json', `${server.pid}`]);
  await command.stdout.lines(2, /^\{.*\}$/);
  process.kill(server.pid, 'SIGKILL');
  await eventually('the server is gone', () => !isAlive(server.pid));
  await server.exit;
  expect(await command.closed).toEqual({ code: 1, signal: null });
  expect(command.stderr.text).toBe(`prefork: no such process: ${server.pid}\n`);
});

test('--watch without a terminal is a table each time, until a signal', async () => {
  const sleeper = await start('sleep', ['600']);
  const command = await startPrefork(['inspect', '--watch', '--interval', '0.1', `${sleeper.pid}`]);
  await command.stdout.lines(3, /^PROCESS/);
  process.kill(command.pid, 'SIGTERM');
  expect(await command.exit).toEqual({ code: 0, signal: null });
  expect(command.text).not.toContain('\x1b');
});

test.each([
  [['x'], 2, "PID must be a process id, not 'x'"],
  [['1', '0'], 2, "PID must be a process id, not '0'"],
  [['--json', '--dot', '1'], 2, '--json or --dot; choose one'],
  [['--watch', '--dot', '1'], 2, '--watch is for the table and --json'],
  [['--watch', '--interval', 'often', '1'], 2, "--interval must be 0.1 to 3600 seconds, not 'often'"],
  [['4194305'], 1, 'no such process: 4194305'],
])('prefork inspect %j is wrong', async (args, code, message) => {
  expect(await outputsOf('inspect', ...args)).toEqual({ code, stdout: '', stderr: `prefork: ${message}\n` });
});
