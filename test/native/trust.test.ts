// What the kernel says of other processes, and what it takes from them.
import { statSync, truncateSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import {
  addSeals,
  close,
  createSharedMemory,
  getSeals,
  isChild,
  mapSharedMemory,
  passCredentials,
  pidfdOpen,
  pidfdSendSignal,
  poll,
  receiveFromPeer,
  sendMessage,
  signalChild,
  socketpair,
  withCredentials,
  write,
} from '../../src/posix/index.js';
import { peekFromPeer } from '../../src/posix/peer.js';
import { openDescriptors, statusField } from '../helpers/proc.js';
import { start } from '../helpers/process.js';

const NOBODY = 65534;
const asRoot = test.skipIf(process.getuid?.() !== 0);

function pair(): [number, number] {
  const fds = socketpair();
  onTestFinished(() => fds.forEach(close));
  passCredentials(fds[0]);
  return fds;
}

test('the kernel says who sent a message', () => {
  const [ours, theirs] = pair();
  sendMessage(theirs, 'hello');
  expect(receiveFromPeer(ours)).toEqual({
    data: Buffer.from('hello'),
    sender: { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() },
  });
});

test('descriptors that come with a message are not taken', () => {
  const [ours, theirs] = pair();
  sendMessage(theirs, 'hello', [0, 1, 2]);
  const before = openDescriptors().size;
  expect(peekFromPeer(ours)).toEqual({ bytes: 5, hasDescriptors: true });
  expect(receiveFromPeer(ours).data.toString()).toBe('hello');
  expect(openDescriptors().size).toBe(before);
});

test('a descriptor of a process signals it, tells its end, and then means nobody', async () => {
  const { pid, exit } = await start('sleep', ['600']);
  const pidfd = pidfdOpen(pid);
  onTestFinished(() => close(pidfd));
  expect(poll(pidfd, 'read', 0)).toBe(false);
  pidfdSendSignal(pidfd, 'SIGTERM');
  expect(await exit).toEqual({ code: null, signal: 'SIGTERM' });
  expect(poll(pidfd, 'read', 0)).toBe(true);
  expect(() => pidfdSendSignal(pidfd, 0)).toThrow('pidfd_send_signal ESRCH');
  expect(() => pidfdOpen(pid)).toThrow('pidfd_open ESRCH');
});

test('a signal for a child does not go to another process', async () => {
  const { pid, exit } = await start('sleep', ['600']);
  expect(isChild(pid)).toBe(true);
  expect(isChild(process.ppid)).toBe(false);
  expect(() => signalChild(process.ppid, 'SIGKILL')).toThrow('no child of this process');
  expect(() => signalChild(process.pid, 'SIGKILL')).toThrow('no child of this process');
  signalChild(pid, 'SIGKILL');
  expect(await exit).toEqual({ code: null, signal: 'SIGKILL' });
});

test('sealed memory cannot be made shorter, mapped for writing or sealed further', () => {
  const fd = createSharedMemory('sealed', 4096);
  onTestFinished(() => close(fd));
  const own = mapSharedMemory(fd, 4096);
  expect(getSeals(fd)).toEqual([]);
  addSeals(fd, ['shrink', 'grow', 'future-write', 'seal']);
  expect(getSeals(fd)).toEqual(['seal', 'shrink', 'grow', 'future-write']);
  expect(() => truncateSync(`/proc/self/fd/${fd}`, 0)).toThrow('EPERM');
  expect(() => mapSharedMemory(fd, 4096)).toThrow('mmap EPERM');
  expect(() => write(fd, Buffer.from('x'))).toThrow('write EPERM');
  expect(() => addSeals(fd, ['write'])).toThrow('fcntl EPERM');
  new Uint8Array(own)[0] = 7;
  expect(new Uint8Array(mapSharedMemory(fd, 4096, true))[0]).toBe(7);
  expect(statSync(`/proc/self/fd/${fd}`).size).toBe(4096);
});

asRoot('another user’s rights are those of one piece of work', () => {
  const before = ['Uid', 'Gid', 'Groups', 'CapEff'].map((name) => statusField(process.pid, name));
  const nobody = { uid: NOBODY, gid: NOBODY, groups: [NOBODY, 4_000_000_000] };
  const inside = withCredentials(nobody, () =>
    ['Uid', 'Gid', 'Groups', 'CapEff'].map((name) => statusField(process.pid, name)),
  );
  expect(inside.map((text) => text?.trim())).toEqual([
    `0\t${NOBODY}\t0\t${NOBODY}`,
    `0\t${NOBODY}\t0\t${NOBODY}`,
    `${NOBODY} 4000000000`,
    '0000000000000000',
  ]);
  expect(() =>
    withCredentials(nobody, () => {
      throw new Error('fails');
    }),
  ).toThrow('fails');
  expect(['Uid', 'Gid', 'Groups', 'CapEff'].map((name) => statusField(process.pid, name))).toEqual(before);
});
