// The trials, each a function that throws where something is not as it should be, and returns what it has seen.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, journal, pidsOf, processes, run, state, systemctl, until } from './guest.mjs';

const APP = '/srv/app/app.js';
const WORKERS = 4;
/** The journal is too long to be read here. */
const LOST = "journalctl -u start -o cat --no-pager | grep -a 'lost while'";

/** Why a trial cannot be had with this version of systemd. */
export const NEEDS = { 'notify-reload': 253 };

export const TRIALS = {
  async notify() {
    await systemctl('start', 'start');
    const started = await state('start');
    assert.equal(started.ActiveState, 'active');
    assert.equal(started.StatusText, `${WORKERS} workers serve on 127.0.0.1:8080`);
    assert.deepEqual(JSON.parse(await ask(8080)).seen, [], 'the app sees variables of systemd');
    const reloaded = await reload('start', 8080);
    const saw = `${started.StatusText}; ${reloaded}; ${await reloadThatFails('start', 8080)}`;
    return `${saw}; ${await stop('start')}`;
  },

  async 'journald that does not read'() {
    await systemctl('start', 'start');
    const { MainPID } = await state('start');
    const journald = Number((await state('systemd-journald')).MainPID);
    const before = pidsOf('start', 'worker');
    let killed;
    process.kill(journald, 'SIGSTOP');
    let answers = 0;
    let said;
    try {
      // 24 MB; systemd gives the socket room for 8 or 16. This worker waits, as it would under plain Node.
      said = ask(8080, '/say?lines=1500', 200).catch((error) => error.message);
      for (const end = Date.now() + 30_000; Date.now() < end; answers++) {
        const { pid } = JSON.parse(await ask(8080));
        await sleep(500);
        // One that does not wait, when there is no room left.
        if (killed !== undefined || Date.now() < end - 15_000) continue;
        killed = pid;
        process.kill(killed, 'SIGKILL');
      }
      await full('start', [killed]);
    } finally {
      process.kill(journald, 'SIGCONT');
    }
    const heard = await said;
    const lost = await until('the log says what was lost', async () =>
      /\d+ lines? w\w+ lost while nobody read the log/.exec((await run('sh', '-c', LOST)).text),
    );
    const after = await state('start');
    assert.deepEqual([after.ActiveState, after.MainPID, after.NRestarts], ['active', MainPID, '0']);
    const now = pidsOf('start', 'worker');
    const gone = before.filter((pid) => !now.includes(pid));
    assert.deepEqual(gone, [killed], 'workers that were replaced');
    const saw = `${answers} answers in 30 s, watchdog content, one worker killed and replaced`;
    return `${saw}; who wrote to it: ${heard}; ${lost[0]}; ${await stop('start')}`;
  },

  async 'notify-reload'() {
    await systemctl('start', 'reload');
    const saw = await reload('reload', 8080);
    return `${saw}; ${await reloadThatFails('reload', 8080, { isTold: false })}; ${await stop('reload')}`;
  },

  async watchdog() {
    await systemctl('start', 'start');
    await sleep(25_000);
    assert.equal((await state('start')).NRestarts, '0', 'it was restarted while all was well');
    const before = processes('start').map(({ pid }) => pid);
    process.kill(Number((await state('start')).MainPID), 'SIGSTOP');
    await restarted('start', before);
    assert.match(await journal('start'), /[Ww]atchdog timeout/);
    await ask(8080);
    return 'undisturbed for 25 s; a stopped monitor: killed, nobody left, started again';
  },

  'socket activation, TCP': () => activation('tcp', 8081),
  'socket activation, unix': () => activation('unix', '/run/unix.sock'),
  'socket activation, two sockets': () => activation('two', 8082, '/run/two.sock'),

  async 'hardened unit'() {
    await systemctl('start', 'hardened');
    const answered = JSON.parse(await ask(80));
    const rights = statusOf(await ask(80, '/rights'));
    assert.notEqual(answered.uid, 0);
    assert.equal(rights.NoNewPrivs, '1');
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.match(rights[set], /^0+$/, set);
    const monitor = statusOf(readFileSync(`/proc/${pidsOf('hardened', 'monitor')[0]}/status`, 'utf8'));
    assert.equal(monitor.NoNewPrivs, '1');
    const write = (path) => ask(80, `/write?path=${path}`);
    assert.equal(await write('/srv/app/uploads/file'), 'written');
    assert.equal(await write('/tmp/private'), 'written');
    assert.equal(existsSync('/tmp/private'), false, '/tmp is not private');
    const refused = {};
    for (const path of ['/srv/app/file', '/etc/file', '/root/file', '/run/file']) {
      refused[path] = await write(path);
      assert.match(refused[path], /^E(ROFS|ACCES|PERM)$/, path);
    }
    const [killed] = pidsOf('hardened', 'worker');
    process.kill(killed, 'SIGKILL');
    await full('hardened', [killed]);
    const saw = `user ${answered.uid}, no capability; refused: ${JSON.stringify(refused)}; a worker killed and replaced`;
    return `${saw}; ${await reload('hardened', 80)}; ${await stop('hardened')}`;
  },

  async DynamicUser() {
    await systemctl('start', 'dynamic.socket');
    const { uid } = JSON.parse(await ask(83, '/', 120));
    assert.ok(uid >= 61_184 && uid <= 65_519, `user ${uid} is none of systemd.exec(5)'s dynamic ones`);
    const monitor = statusOf(readFileSync(`/proc/${pidsOf('dynamic', 'monitor')[0]}/status`, 'utf8'));
    assert.match(monitor.CapBnd, /^0+$/);
    await active('dynamic');
    return `user ${uid} on port 83; ${await reload('dynamic', 83)}; ${await stop('dynamic')}`;
  },

  async 'a crash of each process'() {
    await systemctl('start', 'crash');
    for (const role of ['worker', 'zygote', 'status']) {
      const [killed] = pidsOf('crash', role);
      assert.ok(killed !== undefined, `there is no ${role}`);
      const { MainPID } = await state('crash');
      process.kill(killed, 'SIGKILL');
      await full('crash', [killed]);
      await until(`another ${role}`, () => pidsOf('crash', role).some((pid) => pid !== killed));
      await ask(80);
      await until('the status port answers', () => ask(9090, '/readyz').catch(() => false));
      const { ActiveState, MainPID: after, NRestarts } = await state('crash');
      assert.deepEqual([ActiveState, after, NRestarts], ['active', MainPID, '0'], role);
    }
    const before = processes('crash').map(({ pid }) => pid);
    process.kill(pidsOf('crash', 'monitor')[0], 'SIGKILL');
    await restarted('crash', before);
    await ask(80);
    await ask(9090, '/readyz');
    return `worker, zygote, status process: replaced; monitor: nobody left, started again; ${await stop('crash')}`;
  },

  async 'without newer system calls'() {
    await systemctl('start', 'bare');
    const [killed] = pidsOf('bare', 'worker');
    process.kill(killed, 'SIGKILL');
    await full('bare', [killed]);
    await ask(8080);
    const { status, text } = await run('systemctl', 'reload', 'bare');
    assert.notEqual(status, 0, 'prefork reload needs pidfd_open');
    assert.match(await journal('bare'), /pidfd_open.*this needs Linux 5\.3; use kill\(1\) instead/);
    process.kill(Number((await state('bare')).MainPID), 'SIGHUP');
    await until('generation 2', async () => (await state('bare')).StatusText === 'generation 2 serves');
    return `no clone3, kcmp, pidfd_open, pidfd_send_signal: serves, replaces, SIGHUP reloads, prefork reload refuses by name${text.length > 0 ? '' : ' (silently)'}; ${await stop('bare')}`;
  },
};

/** A reload that succeeds: the same monitor, other workers. */
async function reload(service, where) {
  const before = await state(service);
  const workers = pidsOf(service, 'worker');
  const { pid } = JSON.parse(await ask(where));
  assert.ok(workers.includes(pid), `worker ${pid} is none of the service`);
  const generation = Number(/generation (\d+)/.exec(before.StatusText)?.[1] ?? 1) + 1;
  await systemctl('reload', service);
  const after = await state(service);
  assert.deepEqual([after.ActiveState, after.MainPID], ['active', before.MainPID]);
  assert.equal(after.StatusText, `generation ${generation} serves`);
  assert.ok(!workers.includes(JSON.parse(await ask(where)).pid), 'an old worker answered after the reload');
  return after.StatusText;
}

/** @param isTold whether systemctl(1) is to fail: with notify-reload systemd cannot be told */
async function reloadThatFails(service, where, { isTold = true } = {}) {
  const { MainPID } = await state(service);
  renameSync(APP, `${APP}.kept`);
  try {
    writeFileSync(APP, "throw new Error('broken');\n");
    const { status } = await run('systemctl', 'reload', service);
    assert.equal(status !== 0, isTold, `systemctl reload ended with ${status}`);
  } finally {
    renameSync(`${APP}.kept`, APP);
  }
  const after = await state(service);
  assert.deepEqual([after.ActiveState, after.MainPID], ['active', MainPID]);
  assert.match(after.StatusText, /^the generation before serves on; generation 3 failed, /);
  await ask(where);
  return `a broken app: “${after.StatusText}”`;
}

async function stop(service) {
  const pids = processes(service).map(({ pid }) => pid);
  await systemctl('stop', service);
  const { ActiveState, Result } = await state(service);
  assert.deepEqual([ActiveState, Result], ['inactive', 'success']);
  assert.deepEqual(pids.filter(isAlive), [], 'processes that the stop has left');
  return 'stopped';
}

/** Clients start the service, wait for it while it is restarted, and start it again after a stop. */
async function activation(name, ...places) {
  await systemctl('start', `${name}.socket`);
  assert.equal((await state(`${name}.service`)).ActiveState, 'inactive');
  const all = () => Promise.all(places.map((where) => ask(where, '/', 120)));
  for (const answer of await all()) assert.deepEqual(JSON.parse(answer).seen, []);
  const first = await active(name);

  let isDone = false;
  const restart = systemctl('restart', name).finally(() => (isDone = true));
  let answers = 0;
  for (; !isDone; answers += places.length) await all();
  await restart;
  const second = await state(name);
  assert.notEqual(second.MainPID, first.MainPID);

  // systemd warns that the socket may start it again, which is what is wanted.
  await stop(name);
  assert.equal((await state(`${name}.socket`)).SubState, 'listening');
  await all();
  const third = await active(name);
  assert.notEqual(third.MainPID, second.MainPID);
  const reloaded = await reload(name, places[0]);
  await systemctl('stop', `${name}.socket`);
  return `started by a client, ${answers} answers over a restart, again after a stop; ${reloaded}; ${await stop(name)}`;
}

/** The first worker answers before systemd is told that all are ready. */
async function active(service) {
  await until('the start is over', async () => (await state(service)).ActiveState !== 'activating');
  const seen = await state(service);
  assert.equal(seen.ActiveState, 'active');
  return seen;
}

/** Waits until all workers are there, without those that are to be gone. */
function full(service, gone) {
  return until('all workers', () => {
    const workers = pidsOf(service, 'worker');
    return workers.length >= WORKERS && !gone.some((pid) => workers.includes(pid));
  });
}

async function restarted(service, before) {
  await until('systemd has started it again', async () => {
    const { NRestarts, SubState } = await state(service);
    return NRestarts !== '0' && SubState === 'running';
  });
  const now = processes(service).map(({ pid }) => pid);
  assert.deepEqual(
    before.filter((pid) => now.includes(pid)),
    [],
    'processes of the service before',
  );
}

/** The lines of proc(5)'s status, by name. */
function statusOf(text) {
  return Object.fromEntries(text.split('\n').map((line) => line.split(':\t')));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
