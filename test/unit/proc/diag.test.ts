import { readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { attributesOf, messagesOf, sockDiag } from '../../../src/posix/sock-diag.js';
import { type Diagnosis, parseTcpAnswer, parseUnixAnswer, tcpRequest, unixRequest } from '../../../src/proc/diag.js';
import { parseLink } from '../../../src/proc/link.js';
import type { Process } from '../../../src/proc/process.js';
import { type Diagnose, readSockets } from '../../../src/proc/sockets.js';

/** What Linux 6.18 answered. */
const LISTENING_UNIX = '01010a00f5321d010b0000000000000008000300ce4c1d010c00040001000000070000000500060000000000';
const NOT_ACCEPTED = '01010100ce4c1d010c0000000000000008000200000000000c00040000000000000000000500060000000000';
const WITH_BYTES = '01010100d04c1d01110000000000000008000200cf4c1d010c00040005000000000000000500060000000000';
const CLOSED = '010101001602b201ff9200000000000008000200000000000c00040005000000000000000500060003000000';
const LISTENING_TCP =
  '020a00005ba000007f0000010000000000000000000000000000000000000000000000000000000000000000150000000000000000000000' +
  '000000000900000000000000f6321d01050008000000000008000f00000000000c00150001000000000000000600160052000000';

const LOOPBACK4 = `7f000001${'0'.repeat(24)}`;
const MAPPED = '00000000000000000000ffff7f000001';

const PLAIN: Diagnosis = { inode: 0, receiveQueue: 0, backlog: null, peer: null, closed: false, waiting: [] };

test.each([
  ['a listener with a client', LISTENING_UNIX, { inode: 18690805, receiveQueue: 1, backlog: 7, waiting: [18697422] }],
  ['that client, not accepted', NOT_ACCEPTED, { inode: 18697422, peer: 0 }],
  ['one whose other end is closed', CLOSED, { inode: 28443158, receiveQueue: 5, peer: 0, closed: true }],
  ['one with bytes to read', WITH_BYTES, { inode: 18697424, receiveQueue: 5, peer: 18697423 }],
])('of the unix domain, %s', (_, hex, expected) => {
  expect(parseUnixAnswer(Buffer.from(hex, 'hex'))).toEqual({ ...PLAIN, ...expected });
});

test.each([
  [
    'that listens',
    LISTENING_TCP,
    { version: 4, local: { address: '127.0.0.1', port: 23456 }, peer: null, state: 'LISTEN', inode: 18690806 },
    { backlog: 9 },
  ],
  [
    'of IPv4',
    `02010000e952a112${LOOPBACK4}${LOOPBACK4}00000000a3a1${'0'.repeat(44)}3d70c901`,
    { version: 4, local: { address: '127.0.0.1', port: 59730 }, peer: { address: '127.0.0.1', port: 41234 } },
    {},
  ],
  [
    'of IPv6 with a peer of IPv4, and bytes on their way',
    `0a010000a112e952${MAPPED}${MAPPED}00000000c2a1000000000000000000000500000007000000000000003e70c901`,
    { version: 6, local: { address: '127.0.0.1', port: 41234 }, receiveQueue: 5, sendQueue: 7, inode: 29978686 },
    { receiveQueue: 5 },
  ],
])('a TCP socket %s', (_, hex, socket, diagnosis) => {
  const parsed = parseTcpAnswer(Buffer.from(hex, 'hex'));
  expect(parsed.socket).toMatchObject({ state: 'ESTABLISHED', sendQueue: 0, ...socket });
  expect(parsed.diagnosis).toEqual({ ...PLAIN, inode: parsed.socket.inode, ...diagnosis });
});

test('a datagram has messages, and an answer attributes, to the last byte', () => {
  const message = Buffer.from('1500000014000200000000000000000001000000', 'hex');
  message.writeUInt32LE(message.length);
  expect(messagesOf(Buffer.concat([message, message]))).toEqual([
    { type: 20, payload: Buffer.from([1, 0, 0, 0]) },
    { type: 20, payload: Buffer.from([1, 0, 0, 0]) },
  ]);
  expect([...attributesOf(Buffer.from(LISTENING_UNIX, 'hex'), 16).keys()]).toEqual([3, 4, 6]);
});

test.each([
  ['ends before its length', '1500000014000000000000000000000001000000'],
  ['has no length', '0000000014000000000000000000000001000000'],
])('a message that %s is none', (_, hex) => {
  expect(() => messagesOf(Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code: 'EBADMSG' }));
});

test('the kernel takes both requests, and refuses one for a protocol that it does not know', () => {
  expect(sockDiag(unixRequest()).every((answer) => answer[0] === 1)).toBe(true);
  expect(sockDiag(tcpRequest(4)).every((answer) => answer[0] === 2 && answer[1] !== 6)).toBe(true);
  const unknown = Buffer.from(tcpRequest(4)).fill(255, 1, 2);
  expect(() => sockDiag(unknown)).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'sock_diag' }));
});

test('sock_diag is asked for its own network namespace alone, and may refuse', () => {
  const descriptors = [{ link: parseLink('socket:[1]') }] as unknown as Process['descriptors'];
  const ask = (network: string, diagnose: Diagnose) => {
    const looked = readSockets([{ pid: process.pid, network, descriptors } as Process], diagnose);
    return [...looked.values()].map(({ diagnoses, refusal }) => [diagnoses.size, refusal]);
  };
  const own = readlinkSync('/proc/self/ns/net');
  expect(ask(own, () => ({ tcp: [], diagnoses: new Map([[1, PLAIN]]) }))).toEqual([[1, null]]);
  expect(ask(own, refuse)).toEqual([[0, 'EPERM']]);
  expect(ask('net:[1]', refuse)).toEqual([[0, 'OTHER']]);
});

function refuse(): never {
  throw Object.assign(new Error('refused'), { code: 'EPERM' });
}
