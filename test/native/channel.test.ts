import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BlockingChannel } from '../../src/channel/blocking.js';
import { EventedChannel } from '../../src/channel/evented.js';
import { encode, MAX_MESSAGE_BYTES } from '../../src/channel/framing.js';
import type { Notice } from '../../src/channel/messages.js';
import { close, open, sendMessage, socketpair } from '../../src/posix/index.js';
import { openDescriptors } from '../helpers/proc.js';
import { eventually } from '../helpers/wait.js';

const LEAVE: Notice = { type: 'leave', reason: 'stopping' };
const LISTENING = { type: 'listening', key: 'a', addresses: [{ family: 'unix', path: '/a' }] } as const;

function channel() {
  const [monitors, fd] = socketpair();
  const notices: Notice[] = [];
  const channel = new BlockingChannel(fd, (notice) => notices.push(notice));
  onTestFinished(() => {
    channel.close();
    close(monitors);
  });
  return { channel, notices, send: (bytes: string, fds?: number[]) => sendMessage(monitors, bytes, fds) };
}

test('what comes while a reply is awaited is heard, and the reply found behind it', () => {
  const { channel: app, notices, send } = channel();
  const given = open('/dev/null');
  send(encode(LEAVE) + encode(LISTENING), [given]);
  expect(app.receive()).toEqual(LISTENING);
  expect(notices).toEqual([LEAVE]);
  const [taken] = app.take(1);
  expect(openDescriptors().get(taken as number)).toBe('/dev/null');
  for (const fd of [given, taken as number]) close(fd);
});

test('in the event loop notices are heard at any time, in pieces too, and replies are awaited still', async () => {
  const { channel: app, notices, send } = channel();
  app.watch();
  const bytes = encode(LEAVE);
  send(bytes.slice(0, 7));
  await sleep(20); // For the first piece to be read by itself.
  expect(notices).toEqual([]);
  send(bytes.slice(7));
  await eventually('it is heard', () => notices.length === 1);
  setImmediate(() => send(encode(LEAVE)));
  await eventually('it is heard again', () => notices.length === 2);
  send(encode(LISTENING));
  expect(app.receive()).toEqual(LISTENING);
  app.send({ type: 'ready' });
});

test('nothing is left to happen in the monitor after a process that ended while it had to wait', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let heard = 0;
  const listener = { message() {}, forParent: () => void heard++, closed() {}, delayed() {} };
  const [monitors, theirs] = EventedChannel.open(listener, MAX_MESSAGE_BYTES);
  const tooMany = 25_000; // More than are heard at once, and more bytes than are read at once.
  expect(sendMessage(theirs, '=1\n'.repeat(tooMany))).toBe(3 * tooMany);
  close(theirs);
  monitors.readRest();
  expect(heard).toBe(tooMany);
  expect(vi.getTimerCount()).toBe(0);
});
