// Whatever call of the monitor fails, the service goes on, and ends when it is told to.
import { expect, test } from 'vitest';
import { binding } from '../../../src/posix/binding.js';
import { type Fault, FaultyServer } from '../../fixtures/start/faults.js';
import { eventually } from '../../helpers/wait.js';

/** What the calls fail with, one after the other, if not EIO. */
const CODES: Readonly<Record<string, string | readonly string[]>> = {
  'binding.Acceptor': 'EMFILE',
  'binding.fork': 'EAGAIN',
  'binding.pidfdOpen': 'EIO',
  'binding.pidfdSendSignal': 'EPERM',
  'binding.sendMessage': ['EAGAIN', 'ENOBUFS'],
  'binding.socketpair': 'EMFILE',
  'fs.readFileSync': 'EMFILE',
  'net.Socket': 'EMFILE',
};

/** dup: also when descriptors are short, which shortage.test.ts is about. */
const ONLY_AT_THE_START = ['SignalWatch', 'dup', 'flock', 'lowMemoryNotification', 'spawn', 'trimMalloc'];
/** Without them no zygote is ended. */
const UNABLE_TO_SIGNAL = ['binding.isChild', 'binding.pidfdOpen', 'binding.pidfdSendSignal'];
/** Whether a worker says something before it ends depends on who is first. */
const PERHAPS_AT_THE_END = ['binding.receiveFromPeer'];
/** Other processes use them: the zygote, the workers, what shows a server, what is no server. */
const NOT_IN_THE_MONITOR = [
  '_exit',
  'accept',
  'acceptFd',
  'account', // For --user, as are most calls whose names begin with 'set'.
  'clearCapabilities',
  'connectInet',
  'disconnect', // Of a listener that a worker has connected.
  'dropBoundingCapability',
  'dup2',
  'getPeerCredentials', // The credentials of who asks for the scoreboard under --undumpable.
  'getpeername',
  'getpgid',
  'getpid',
  'groupId', // For --socket-owner.
  'groupsOf',
  'ignoreSignal',
  'getDumpable', // For processes of another user that listen, as are setDumpable, seteuid and setegid.
  'getSeals',
  'getgroups',
  'growYoungGeneration',
  'hashStrings',
  'kcmp',
  'kill', // Where no descriptor is left.
  'leaveTerminal', // For --user.
  'lseek',
  'memoryPressureNotification',
  'open',
  'packetPipe', // For prefork view.
  'pendingRequests',
  'pipe',
  'read',
  'pwritev2', // The log of these tests is a socket.
  'receiveMessage',
  'releaseWorkers',
  'scavengeTime',
  'setDumpable',
  'setNoNewPrivileges',
  'setNonblock',
  'setResourceLimit',
  'setegid',
  'seteuid',
  'setgroups',
  'setresgid',
  'setresuid',
  'settleThreads',
  'threadCpuTime',
  'userId',
];

const SOCK_DGRAM = 2;

/** A second or so for each call, on a machine that has nothing else to do. */
const LONG = { timeout: 300_000 };

test('the service serves on and comes back to full strength, whichever call of the monitor fails', LONG, async () => {
  const faulty = await FaultyServer.start();
  // A life without faults shows which calls there are.
  await faulty.lift({ clear: true });
  await faulty.provoke();
  await faulty.recover();
  await faulty.provoke({ zygote: false });
  await eventually('its memory is looked at', () => faulty.called.has('fs.readFileSync'));
  await eventually('the zygote before is ended', () => faulty.called.has('binding.pidfdSendSignal'));
  await faulty.recover();
  const { called } = faulty;
  const unused = [...ONLY_AT_THE_START, ...NOT_IN_THE_MONITOR];
  const expected = Object.keys(binding()).filter((name) => !unused.includes(name));
  const names = [...called].filter((name) => name.startsWith('binding.')).map((name) => name.split(' ')[0]);
  expect([...new Set(names)].sort()).toEqual(expected.map((name) => `binding.${name}`).sort());

  for (const fault of [...called].flatMap(faultsOf)) {
    const { fail, code } = fault;
    await faulty.inject(fault);
    await faulty.provoke({ zygote: !UNABLE_TO_SIGNAL.includes(fail) });
    await eventually(`${fail} fails`, () => faulty.hasFailed(fail));
    expect(await faulty.server.ask(), `${fail} ${code}`).toBe('served');
    await faulty.lift();
    await faulty.recover();
  }
});

test('the service ends as it is told to, whichever call of the monitor fails then', LONG, async () => {
  const quiet = await FaultyServer.start();
  await quiet.lift({ clear: true });
  quiet.server.signal('SIGTERM');
  await quiet.server.ended;
  const called = Object.keys(quiet.report.calls);
  expect(called).toContain('binding.shutdown'); // Of the listening sockets.

  for (const fault of called.flatMap(faultsOf)) {
    const { fail } = fault;
    const faulty = await FaultyServer.start();
    await faulty.inject({ ...fault, times: 3 });
    faulty.server.signal('SIGTERM');
    expect(await faulty.server.ended, fail).toEqual({ code: 0, signal: null });
    if (!PERHAPS_AT_THE_END.includes(fail)) expect(faulty.hasFailed(fail), fail).toBe(true);
    await faulty.server.gone();
  }
});

test.for([`socket ${SOCK_DGRAM}`, 'setsockopt SO_SNDTIMEO'])(
  'a manager that cannot be told at first (%s) is told later',
  async (name) => {
    const faulty = await FaultyServer.start({ fail: `binding.${name}`, code: 'EMFILE' });
    await faulty.server.running.line(/cannot tell the service manager how it goes: \w+ EMFILE/);
    await faulty.lift();
    await faulty.manager.line(/READY=1/);
    await faulty.manager.line(/WATCHDOG=1/);
    await faulty.server.running.line(/the service manager is told again, after/);
  },
);

function faultsOf(fail: string): Fault[] {
  return [CODES[fail] ?? 'EIO'].flat().map((code) => ({ fail, code }));
}
