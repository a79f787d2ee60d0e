// What a fork may not do to the parent, and what the child may have of it.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { endOf, startFixture, TIMEOUT } from '../../fixtures/fork/harness.js';
import { connect } from '../../helpers/client.js';
import { temporaryFolder } from '../../helpers/folder.js';

/** Starts a scenario; `said` gives the next line that it says, `rest` all others and a good end. */
async function startScenario(name: string, ...args: string[]) {
  const running = await startFixture(`scenarios/${name}.mjs`, ...args);
  const said = async () => JSON.parse((await running.stdout.line(/.*/))[0]);
  const rest = async () => {
    const end = await endOf(running);
    expect({ ...end, stderr: running.stderr.text }).toEqual({ code: 0, signal: null, stderr: '' });
    return running.stdout.json();
  };
  return { running, said, rest };
}

async function get(port: number, path: string, agent: http.Agent) {
  const [response] = await once(http.get({ port, path, agent }), 'response');
  return response as http.IncomingMessage;
}

function listen(server: net.Server, path?: string): Promise<net.AddressInfo> {
  onTestFinished(() => void server.close());
  return new Promise((resolve) => {
    server.listen(path ?? { port: 0, host: '127.0.0.1' }, () => resolve(server.address() as net.AddressInfo));
  });
}

test(
  'a fork leaves descriptors, threads and signals of the parent untouched',
  async () => {
    const { rest } = await startScenario('untouched');
    expect(await rest()).toEqual(['untouched']);
  },
  TIMEOUT,
);

test('a child has all the threads of its parent', async () => {
  const { rest } = await startScenario('threads');
  const [before, child] = await rest();
  expect(before.length).toBeGreaterThan(5);
  expect(child).toEqual(before);
});

test.each(['naturally', 'exit', 'exception', 'killed'])(
  'what the parent has under way goes on after its child, as busy, has ended: %s',
  async (ending) => {
    const { running } = await startScenario('goes-on', ending);
    const end = await endOf(running);
    const child = { naturally: { code: 0 }, exit: { code: 0 }, exception: { code: 1 }, killed: { signal: 'SIGKILL' } }[
      ending
    ];
    expect(running.stdout.json(), running.text).toEqual([{ code: null, signal: null, ...child }]);
    expect(end.code).toBe(0);
  },
  TIMEOUT,
);

test(
  'a server answers all of its clients, and alone, while it forks',
  async () => {
    const file = join(temporaryFolder(), 'file');
    const bytes = Buffer.alloc(32 << 20, 'all of the file ');
    writeFileSync(file, bytes);
    const digest = createHash('sha1').update(bytes).digest('hex');
    const { running, said, rest } = await startScenario('serving', file);
    const { port } = await said();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    onTestFinished(() => agent.destroy());

    const answered = new Set<string>();
    const digests = new Set<string>();
    let forking = true;
    let asked = 0;
    const askForPid = async () => {
      for (; forking; asked++) answered.add(await text(await get(port, '/pid', agent)));
    };
    const askForFile = async () => {
      while (forking)
        digests.add(
          createHash('sha1')
            .update(await buffer(await get(port, '/file', agent)))
            .digest('hex'),
        );
    };
    const clients = [askForPid(), askForPid(), askForPid(), askForPid(), askForFile(), askForFile()];
    for (let i = 0; i < 20; i++) expect(Number(await text(await get(port, '/fork', agent)))).toBeGreaterThan(0);
    forking = false;
    await Promise.all(clients);

    expect([...answered]).toEqual([`${running.pid}`]);
    expect([...digests]).toEqual([digest]);
    expect(asked).toBeGreaterThan(20);
    agent.destroy();
    process.kill(running.pid, 'SIGTERM');
    expect(await rest()).toEqual([{ port }, { statuses: Array(20).fill({ code: 0, signal: null }), owner: true }]);
  },
  TIMEOUT,
);

test(
  'connected sockets are severed in the child, but for those to keep; to peers and parent nothing happens',
  async () => {
    const heard: string[] = [];
    const echo = net.createServer((socket) => {
      socket.on('data', (bytes) => {
        heard.push(String(bytes));
        socket.write(bytes);
      });
    });
    const path = join(temporaryFolder(), 'socket');
    const overPath = net.createServer((socket) => socket.pipe(socket));
    const [{ port }] = await Promise.all([listen(echo), listen(overPath, path)]);

    const { rest } = await startScenario('severed', `${port}`, path);
    const severed = (name: string) => ({ name, read: 0, write: 'EPIPE' });
    expect(await rest()).toEqual([
      ...['byNode', 'overPath', 'connected', 'accepted'].map(severed),
      { child: { code: 0, signal: null } },
      { echo: 'from the parent\n' },
      { echo: 'from the parent\n' },
      { echo: 'between' },
      { kept: 'from the child\nfrom the parent\n' },
    ]);
    // What was written at two times may arrive at once.
    const lines = heard.flatMap((bytes) => bytes.match(/.*\n/g));
    expect(lines.sort()).toEqual(['from the child\n', 'from the parent\n', 'from the parent\n']);
  },
  TIMEOUT,
);

test(
  'the child can serve the listening sockets of the parent, under their numbers',
  async () => {
    const { said, rest } = await startScenario('listeners');
    const { listening, child, ports } = await said();
    expect(listening).toBe(false);
    const answer = `child ${child}`;
    const agent = new http.Agent();
    await (await connect(ports.blocking)).line(new RegExp(answer));
    for (let i = 0; i < 10; i++) expect(await text(await get(ports.web, '/', agent))).toBe(answer);
    for (let i = 0; i < 10; i++) await (await connect(ports.shared)).line(new RegExp(answer));
    process.kill(child, 'SIGTERM');
    expect((await rest()).at(-1)).toEqual({ code: 0, signal: null });
  },
  TIMEOUT,
);

test(
  'with keepHandles, timers and servers act in the child too',
  async () => {
    const { said, rest } = await startScenario('keep-handles');
    const { ready, port } = await said();
    for (let i = 0; i < 5; i++) expect(Number(await text(await get(port, '/', new http.Agent())))).toBe(ready);
    process.kill(ready, 'SIGTERM');
    expect((await rest()).at(-1)).toEqual({ code: 0, signal: null });
  },
  TIMEOUT,
);

async function repeatedAmongSiblings(kind: string): Promise<string[]> {
  const { rest } = await startScenario('siblings', kind);
  const draws: Record<string, unknown[]>[] = await rest();
  expect(draws).toHaveLength(9);
  return Object.keys(draws[0] ?? {}).filter((source) => {
    const values = draws.flatMap((draw) => draw[source] ?? []);
    return new Set(values).size < 18;
  });
}

test(
  'siblings, their parent and their children draw different random values',
  async () => expect(await repeatedAmongSiblings('ordinary')).toEqual([]),
  TIMEOUT,
);

test(
  'a known limit: Math.random of other contexts is copied',
  async () => expect(await repeatedAmongSiblings('vm')).toHaveLength(2),
  TIMEOUT,
);

test(
  'signals that reach a child while it is being set up do it no harm',
  async () => {
    const { rest } = await startScenario('signals-at-birth');
    expect(await rest()).toEqual([{ 0: 150 }]);
  },
  TIMEOUT,
);

test(
  'a child can ask a server in its parent',
  async () => {
    const { running, rest } = await startScenario('asking-the-parent');
    const pid = running.pid;
    expect(await rest()).toEqual([
      { answered: pid, parent: pid },
      { code: 0, signal: null },
    ]);
  },
  TIMEOUT,
);

test('parent and child share the offset of a file', async () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, 'onlyonce');
  const { rest } = await startScenario('offsets', path);
  expect(await rest()).toEqual([{ child: 'only' }, { parent: 'once' }]);
});

test.skipIf(process.getuid?.() !== 0)(
  'a change of user and group reaches every thread of a child',
  async () => {
    const { rest } = await startScenario('credentials', '20');
    const nobody = expect.stringMatching(/^(\d+)\t\1\t\1\t\1 (\d+)\t\2\t\2\t\2 *$/);
    const seen = await rest();
    expect(seen).toEqual(Array(20).fill([nobody]));
    expect(seen.flat().join()).not.toMatch(/\b0\b/);
  },
  TIMEOUT,
);
