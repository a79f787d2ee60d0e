import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { BlockingChannel } from '../../src/channel/blocking.js';
import { encode } from '../../src/channel/framing.js';
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
