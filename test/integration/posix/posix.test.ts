import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { binding } from '../../../src/posix/binding.js';
import * as posix from '../../../src/posix/index.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { descriptorFlags, openDescriptors } from '../../helpers/proc.js';
import { ROOT, start, startNode } from '../../helpers/process.js';
import { closing } from '../../helpers/sockets.js';

const O_CLOEXEC = 0o2000000;
const LOOPBACK = '127.0.0.1';

test('listen opens any free port of all addresses, close-on-exec and ready to accept', () => {
  const { fd, address } = posix.listen({});
  closing(fd);
  expect(address).toEqual({ family: 'IPv4', address: '0.0.0.0', port: expect.any(Number) });
  expect(address).toEqual(posix.getsockname(fd));
  expect(descriptorFlags(fd) & O_CLOEXEC).toBe(O_CLOEXEC);

  const client = closing(posix.socket());
  posix.connect(client, { ...inet(address), address: LOOPBACK });
  const accepted = posix.accept(fd);
  closing(accepted.fd);
  expect(accepted.address).toEqual(posix.getsockname(client));
  expect(descriptorFlags(accepted.fd) & O_CLOEXEC).toBe(O_CLOEXEC);
});

test('listen takes an IPv6 host, a path, and cloexec off', () => {
  const ipv6 = posix.listen({ host: '::', cloexec: false });
  closing(ipv6.fd);
  expect(ipv6.address).toEqual({ family: 'IPv6', address: '::', port: expect.any(Number) });
  expect(descriptorFlags(ipv6.fd) & O_CLOEXEC).toBe(0);
  const path = `\0prefork ${process.pid}`;
  const unix = posix.listen({ path });
  closing(unix.fd);
  expect(unix.address).toEqual({ family: 'unix', path });
});

test('a listen that fails leaves nothing open', () => {
  const taken = posix.listen({ host: LOOPBACK });
  closing(taken.fd);
  const { port } = inet(taken.address);
  const before = [...openDescriptors().keys()];
  for (let i = 0; i < 1000; i++) {
    expect(() => posix.listen({ host: LOOPBACK, port })).toThrow(
      `bind EADDRINUSE: address already in use 127.0.0.1:${port}`,
    );
    expect(() => posix.listen({ host: 'localhost', port })).toThrow(`bind EINVAL: invalid argument localhost:${port}`);
    expect(() => posix.listen({ host: '', port: 0 })).toThrow(expect.objectContaining({ address: '', port: 0 }));
    expect(() => posix.listen({ port: 65536 })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    expect(() => posix.listen({ backlog: '1' as never })).toThrow(TypeError);
  }
  expect([...openDescriptors().keys()]).toEqual(before);
});

test.each([
  ['a path', () => join(temporaryFolder(), 'socket')],
  ['an abstract name', () => `\0prefork datagrams ${process.pid}`],
])('datagrams arrive one by one, by %s', (_, name) => {
  const address = { family: 'unix', path: name() } as const;
  const receiver = closing(posix.datagramSocket());
  posix.bind(receiver, address);
  const sender = closing(posix.datagramSocket({ cloexec: false }));
  expect([receiver, sender].map((fd) => descriptorFlags(fd) & O_CLOEXEC)).toEqual([O_CLOEXEC, 0]);
  posix.connect(sender, address);
  for (const text of ['one', 'two']) posix.write(sender, text);
  expect([posix.read(receiver), posix.read(receiver)].map(String)).toEqual(['one', 'two']);
});

test('socket, bind and listen, one by one', () => {
  const fd = closing(posix.socket());
  posix.bind(fd, { family: 'IPv4', address: LOOPBACK, port: 0 });
  expect(posix.listen(fd)).toBeUndefined();
  posix.listen(fd, 1);
  const client = closing(posix.socket());
  posix.connect(client, inet(posix.getsockname(fd)));
  expect(posix.getpeername(client)).toEqual(posix.getsockname(fd));
  const server = closing(posix.accept(fd).fd);
  posix.setTimeouts(server, { receive: 10 });
  posix.setTimeouts(server, { send: 10 }); // Leaves the other as it is.
  expect(() => posix.read(server)).toThrow('read EAGAIN');
  expect(() => {
    for (;;) posix.send(server, Buffer.alloc(1 << 20));
  }).toThrow('send EAGAIN');
  posix.shutdown(client, 'write');
  expect(posix.read(server)).toEqual(Buffer.alloc(0));
});

test('open takes the modes of fopen and numbers', () => {
  const path = join(temporaryFolder(), 'file');
  const used = (flags: posix.OpenFlags, use: (fd: number) => unknown) => {
    const fd = posix.open(path, flags);
    try {
      return use(fd);
    } finally {
      posix.close(fd);
    }
  };
  expect(() => posix.open(path)).toThrow('open ENOENT');
  used('w', (fd) => posix.write(fd, 'one'));
  used('a', (fd) => posix.write(fd, Buffer.from(' two')));
  used('r+', (fd) => posix.write(fd, 'ONE'));
  expect(readFileSync(path, 'utf8')).toBe('ONE two');
  used('a+', (fd) => {
    expect(posix.read(fd, 3).toString()).toBe('ONE');
    posix.write(fd, '!');
  });
  expect(used(0, (fd) => posix.read(fd).toString())).toBe('ONE two!');
  used('r', (fd) => {
    expect(descriptorFlags(fd) & O_CLOEXEC).toBe(0);
    const part = Buffer.from('....');
    expect(posix.read(fd, part)).toBe(4);
    expect(part.toString()).toBe('ONE ');
    expect(posix.lseek(fd, -1, 'end')).toBe(7);
    expect(posix.lseek(fd, 0, 'cur')).toBe(7);
    expect(posix.lseek(fd, 4)).toBe(4);
    expect(() => posix.write(fd, 'x')).toThrow('write EBADF');
  });
  used('w+', (fd) => expect(posix.read(fd).length).toBe(0));
  expect(() => posix.open(path, 'rw' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
});

test('pipe, dup, dup2, poll and close-on-exec', () => {
  const [read, write] = posix.pipe();
  const copy = closing(posix.dup(read, { atLeast: 300, cloexec: true }));
  expect(copy).toBeGreaterThanOrEqual(300);
  expect([read, write, copy].map((fd) => descriptorFlags(fd) & O_CLOEXEC)).toEqual([0, 0, O_CLOEXEC]);
  expect(posix.poll(copy, 'read', 0)).toBe(false);
  expect(posix.poll(write, 'write')).toBe(true);
  posix.setCloseOnExec(write, true);
  expect(descriptorFlags(write) & O_CLOEXEC).toBe(O_CLOEXEC);
  posix.dup2(write, read);
  expect(posix.kcmp(process.pid, process.pid, read, write)).toBe(0);
  posix.write(read, 'x');
  for (const fd of [read, write]) posix.close(fd);
  expect(posix.poll(copy, 'read')).toBe(true);
  expect(posix.read(copy, 10).toString()).toBe('x');
});

test.each([true, false])('writeAll writes all of it, to a descriptor with O_NONBLOCK %s', async (nonblock) => {
  const [read, write] = posix.pipe({ cloexec: true });
  const p = await start('/bin/sh', ['-c', 'wc -c <&3'], { descriptors: [read] });
  posix.close(read);
  binding().setNonblock(write, nonblock);
  posix.writeAll(write, Buffer.alloc(5_000_000));
  posix.writeAll(write, '');
  posix.writeAll(write, 'ü');
  posix.close(write);
  await p.line(/^5000002$/);
});

test('signals have names, and numbers', () => {
  posix.kill(process.pid, 0);
  expect(() => posix.kill(process.pid, 'SIGNAL' as never)).toThrow(
    expect.objectContaining({ code: 'ERR_UNKNOWN_SIGNAL', message: 'Unknown signal: SIGNAL' }),
  );
  expect(() => posix.setParentDeathSignal('SIGNAL' as never)).toThrow('Unknown signal');
  expect(() => posix.waitpid(2 ** 22 + 1)).toThrow(/^waitpid ECHILD: no child process(es)?$/);
});

test.each([
  ['SIGKILL', 'kill -KILL $$', { code: null, signal: 'SIGKILL' }],
  ['SIGABRT, not SIGIOT', 'ulimit -c 0; kill -ABRT $$', { code: null, signal: 'SIGABRT' }],
  ['a signal without a name', 'kill -40 $$', { code: null, signal: 'SIG40' }],
  ['an exit status', 'exit 9', { code: 9, signal: null }],
])('waitpid names %s', async (_, script, status) => {
  const p = await runScript(`
    import { spawn } from 'node:child_process';
    import { _exit, waitpid } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    spawn('/bin/sh', ['-c', ${JSON.stringify(script)}]);
    console.log(JSON.stringify(waitpid()));
    _exit();`);
  const found = await p.line(/^\{.*\}$/);
  expect(JSON.parse(found[0])).toEqual({ pid: expect.any(Number), coreDumped: false, ...status });
});

test('a program that a profiled process executes does not meet the last signal of the profiler', async () => {
  const folder = temporaryFolder();
  const program = `
    import { execve } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    for (const end = performance.now() + 50; performance.now() < end; );
    execve('/bin/sh', ['sh', '-c', 'echo executed']);`;
  const flags = ['--cpu-prof', '--cpu-prof-interval=50', `--cpu-prof-dir=${folder}`, '--input-type=module'];
  for (let round = 0; round < 8; round++) {
    const p = await startNode([...flags, '-e', program]);
    expect([await p.closed, p.text]).toEqual([{ code: 0, signal: null }, 'executed\n']);
  }
});

test('what a fork does to calls that change the user, a fork of it does not do once more', async () => {
  const p = await runScript(`
    import { fork, waitpid } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    const calls = [process.setuid];
    for (let forks = 0; forks < 2; forks++) {
      const pid = fork();
      if (pid !== 0) {
        waitpid(pid);
        process.exit();
      }
      calls.push(process.setuid);
    }
    console.log(calls[1] !== calls[0], calls[2] === calls[1]);`);
  await p.line(/^true true$/);
});

test('execve keeps the standard streams, and takes an environment with holes', async () => {
  const p = await runScript(`
    import { execve } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    execve('/bin/sh', ['sh', '-c', 'echo "out $A-$B"; echo err >&2; cat'], { A: '1', B: undefined });`);
  p.stdin.end('in\n');
  expect(await p.closed).toEqual({ code: 0, signal: null });
  expect([p.stdout.text, p.stderr.text]).toEqual(['out 1-\nin\n', 'err\n']);
});

test('requests that are under way are counted', async () => {
  const p = await runScript(`
    import { readFile } from 'node:fs';
    import { connect, createServer } from 'node:net';
    import { pendingRequests } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    setTimeout(() => {}, 10);
    const counts = [pendingRequests()];
    readFile('/dev/null', () => {
      counts.push(pendingRequests());
      const server = createServer(() => server.close()).listen(0, '127.0.0.1', () => {
        counts.push(pendingRequests());
        const client = connect(server.address().port, '127.0.0.1', () => {
          counts.push(pendingRequests());
          console.log(counts.join());
          process.exit();
        });
        process.nextTick(() => counts.push(pendingRequests()));
      });
    });
    counts.push(pendingRequests());`);
  expect(await p.closed).toEqual({ code: 0, signal: null });
  expect(p.text).toBe('0,1,0,0,1,0\n');
});

test('exit runs the listeners, _exit does not', async () => {
  const listening = (end: string) =>
    runScript(`
      import { _exit, exit } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
      process.on('exit', (code) => console.log('exit ' + code));
      ${end};`);
  const orderly = await listening('exit(3)');
  expect([await orderly.closed, orderly.text]).toEqual([{ code: 3, signal: null }, 'exit 3\n']);
  const abrupt = await listening('_exit(4)');
  expect([await abrupt.closed, abrupt.text]).toEqual([{ code: 4, signal: null }, '']);
});

test('on another platform importing is harmless, and using it says why not', async () => {
  const p = await runScript(`
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    const { getpid } = await import(${JSON.stringify(join(ROOT, 'dist/posix/index.js'))});
    try { getpid(); } catch (error) { console.log(error.name, error.code, error.message); }`);
  await p.line(
    /^PreforkError ERR_PREFORK_UNSUPPORTED prefork needs Linux on x86-64 or aarch64; this is darwin on \w+; .+/,
  );
});

test('a Node with a C library that was never tried is refused, unless that is allowed', async () => {
  const use = `
    import { getpid } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    try { console.log(getpid()); } catch (error) { console.log(error.code, error.message); }`;
  const refused = await runScript(use, { PREFORK_PLATFORM: 'untested', PREFORK_ALLOW_MUSL: '' });
  await refused.line(
    /^ERR_PREFORK_UNTESTED fork has never been tried .+ such as musl on aarch64; PREFORK_ALLOW_MUSL=1 .+/,
  );
  const allowed = await runScript(use, { PREFORK_PLATFORM: 'untested', PREFORK_ALLOW_MUSL: '1' });
  await allowed.line(new RegExp(`^${allowed.pid}$`));
});

test('an addon that is not there says how to build it', async () => {
  const p = await runScript(
    `import { getpid } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
     try { getpid(); } catch (error) { console.log(error.code, error.remedy); }`,
    { PREFORK_ADDON: 'nowhere.node' },
  );
  await p.line(/^ERR_PREFORK_NOT_BUILT run "npm rebuild prefork"/);
});

test('building it where nothing can be compiled says what is missing', async () => {
  const p = await startNode(['scripts/build-native.mjs'], { env: { PATH: '/nowhere' } });
  expect(await p.closed).toEqual({ code: 1, signal: null });
  expect(p.text).toMatch(
    /^prefork: the addon cannot be built here without a C\+\+17 compiler, make, python3 \(.*\)\n$/,
  );
});

test('it is not built by itself for a C library that was never tried', async () => {
  const p = await startNode(['scripts/build-native.mjs'], {
    env: { PREFORK_PLATFORM: 'untested', PREFORK_ALLOW_MUSL: '' },
  });
  expect(await p.closed).toEqual({ code: 0, signal: null });
  expect(p.text).toMatch(
    /^prefork: no addon is built for Node with neither glibc nor musl, .* \(PREFORK_ALLOW_MUSL=1 builds one\); .*\n$/,
  );
});

function runScript(text: string, env: NodeJS.ProcessEnv = {}) {
  return startNode(['--input-type=module', '-e', text], { env });
}

function inet(address: posix.Address) {
  if (address.family === 'unix') throw new Error('not an internet address');
  return address;
}
