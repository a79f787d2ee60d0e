// Servers of other versions of prefork: those before the header said everything, and those to come.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findServers, readHeader, readServer } from '../../../src/scoreboard/index.js';
import { outcomeOf, ROOT, type Running, startNode } from '../../helpers/process.js';

const SHARED_MEMORY = join(ROOT, 'dist/posix/shared-memory.js');

/** The layout of prefork 0.1.0 before its header had a version, and how its monitor wrote it: not to be changed. */
const FIRST = `
  const RECORDS = 1024, PLACE = 64 * 1024, SIZE = 128 + 2 * PLACE + RECORDS * 128;
  const fd = createSharedMemory('prefork-scoreboard', SIZE);
  const memory = mapSharedMemory(fd, SIZE);
  const header = new Int32Array(memory, 0, 32);
  header.set([0x626f6670, 1, RECORDS, 0, 0]);
  let sequence = 0;
  const write = () => {
    const text = Buffer.from(JSON.stringify({ version: '0.1.0', app: '/srv/first.js', args: [], cwd: '/', zygote: null,
      listeners: [], counters: { forked: 0, died: 0, killed: 0, reloads: 0 }, ...now }));
    const place = Buffer.from(memory, 128 + (++sequence & 1) * PLACE, PLACE);
    place.writeUInt32LE(text.length, 0);
    text.copy(place, 4);
    Atomics.store(header, 4, sequence);
  };
  const record = (index) => [new Int32Array(memory, 128 + 2 * PLACE + 128 * index, 4),
    new Float64Array(memory, 128 + 2 * PLACE + 128 * index + 16, 7)];
  record(0)[0].set([2, process.pid, 0, 1]);
  record(0)[1].set([3, 40, 5000, Date.now(), 0, 12, 0.25]);`;

/** A scoreboard of a version to come: another layout, a longer header, and nothing else that can be known here. */
const FUTURE = `
  const fd = createSharedMemory('prefork-scoreboard', 4096);
  const memory = mapSharedMemory(fd, 4096);
  const header = new Int32Array(memory, 0, 32);
  header.set([0x626f6670, 99, -1, 0, -1, 7]);
  Buffer.from(memory, 120).fill(0xff);
  Buffer.from(memory, 56, 64).write('99.0.1-beta');
  const STATES = ['none', 'running', 'done', 'failed'];
  const write = () => {
    new Float64Array(memory, 48, 1)[0] = now.startedAt;
    const { target, generation, reload, stopping } = now;
    for (const [index, value] of [target, generation, STATES.indexOf(reload.state), reload.generation].entries()) {
      Atomics.store(header, 7 + index, value);
    }
    if (stopping) Atomics.store(header, 3, 1);
    Atomics.store(header, 6, process.pid);
  };`;

const LAYOUTS = { first: FIRST, future: FUTURE };

/** What looks like a server of that version: it heeds signals as they do. */
async function startOther(layout: keyof typeof LAYOUTS, more = ''): Promise<Running> {
  const server = await startNode([
    '--input-type=module',
    '-e',
    `
    import { createSharedMemory, mapSharedMemory } from ${JSON.stringify(SHARED_MEMORY)};
    const now = { pid: process.pid, startedAt: Date.now() - 61_000, generation: 3, target: 2, stopping: false,
      reload: { state: 'none', generation: 0 } };
    ${LAYOUTS[layout]}
    const turn = (changes) => { Object.assign(now, changes); write(); };
    process.on('SIGTTIN', () => turn({ target: now.target + 1 }));
    process.on('SIGTTOU', () => turn({ target: now.target - 1 }));
    process.on('SIGTERM', () => { turn({ stopping: true }); setTimeout(() => process.exit(), 50); });
    process.on('SIGHUP', () => {
      turn({ reload: { state: 'running', generation: 4 } });
      setTimeout(() => turn({ generation: 4, reload: { state: 'done', generation: 4 } }), 50);
    });
    ${more}
    write();
    setInterval(() => {}, 1000);
    console.log('runs');`,
  ]);
  await server.line(/^runs$/);
  return server;
}

const failsToReload = (reason: object) =>
  `process.removeAllListeners('SIGHUP').on('SIGHUP', () =>
    turn({ reload: { state: 'failed', generation: 4, ...${JSON.stringify(reason)} } }));`;

test.each(['first', 'future'] as const)(
  'a server of the %s layout is found, scaled, reloaded and stopped',
  async (layout) => {
    const server = await startOther(layout);
    const { pid } = server;
    expect(findServers()).toContain(pid);
    expect(readHeader(pid)).toMatchObject({ pid, generation: 3, target: 2, reload: { state: 'none', generation: 0 } });
    expect(await outcomeOf('scale', '4', `${pid}`)).toEqual([0, `server ${pid} is to have 4 workers\n`]);
    expect(await outcomeOf('scale', '1', `${pid}`)).toEqual([0, `server ${pid} is to have 1 worker\n`]);
    expect(await outcomeOf('reload', `${pid}`)).toEqual([0, 'generation 4 serves\n']);
    expect(await outcomeOf('stop', `${pid}`)).toEqual([0, `server ${pid} has ended\n`]);
    expect(await server.exit).toEqual({ code: 0, signal: null });
  },
);

test('of a server of the first layout all is shown', async () => {
  const { pid } = await startOther('first');
  expect(readServer(pid)).toMatchObject({ description: { app: '/srv/first.js' }, workers: [{ pid, requests: 5000 }] });
  const [code, text] = await outcomeOf('status', `${pid}`);
  expect(code).toBe(0);
  expect(text).toMatch(/^prefork 0\.1\.0: \/srv\/first\.js\nmonitor \d+, generation 3, up 1m \d+s\n/);
});

test('of a server of a layout to come the header is shown, and where the rest is', async () => {
  const { pid } = await startOther('future');
  const note = "started by prefork 99.0.1-beta; use that version's 'prefork status' for the rest";
  const [code, text] = await outcomeOf('status', `${pid}`);
  expect(code).toBe(0);
  expect(text).toMatch(/^prefork 99\.0\.1-beta\nmonitor \d+, generation 3, up 1m \d+s\n2 workers wanted\n/);
  expect(text.endsWith(`\n${note}\n`)).toBe(true);
  expect(JSON.parse((await outcomeOf('status', '--json', `${pid}`))[1])).toMatchObject({
    description: { version: '99.0.1-beta', pid, generation: 3, target: 2, stopping: false },
    note,
  });
});

test('a reload that fails there says why, or where that is said', async () => {
  const first = await startOther('first', failsToReload({ reason: 'a typo' }));
  const failed = (why: string) => [1, `prefork: the reload failed: ${why}; what served serves on\n`];
  expect(await outcomeOf('reload', `${first.pid}`)).toEqual(failed('a typo'));
  const future = await startOther('future', failsToReload({}));
  expect(await outcomeOf('reload', `${future.pid}`)).toEqual(failed('its log says why'));
});

test.each([
  ['too small for a header', 'header', 64],
  ['of the first layout, cut off', 'header', 4096],
  ['of something else', 'nothing', 4096],
])('memory %s is no scoreboard', async (_, content, size) => {
  const { pid } = await startOther(
    'first',
    `const other = createSharedMemory('prefork-scoreboard', ${size});
     if (${content === 'header'}) Buffer.from(memory).copy(Buffer.from(mapSharedMemory(other, ${size})), 0, 0, ${size});
     (await import('node:fs')).closeSync(fd);`,
  );
  expect(() => readHeader(pid)).toThrow(new RegExp(`^process ${pid}: `));
  expect(findServers()).not.toContain(pid);
  expect((await outcomeOf('stop', `${pid}`))[0]).toBe(1);
});
