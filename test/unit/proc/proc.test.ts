import { describe, expect, test } from 'vitest';
import { flagNames, parseFdInfo } from '../../../src/proc/fdinfo.js';
import { parseLink } from '../../../src/proc/link.js';
import { pageSize } from '../../../src/proc/machine.js';
import { parseInet, parseUnix } from '../../../src/proc/net.js';
import { parseStat } from '../../../src/proc/stat.js';
import { parseSyscall, parseWchan } from '../../../src/proc/syscall.js';

const STAT_REST =
  'S 23915 23915 2514 0 -1 4194304 2343 0 0 0 7 0 0 0 20 0 7 0 1645309 746237952 10527 18446744073709551615 1 1 0 0 0 0';

describe('/proc/PID/stat', () => {
  test.each(['node', '', 'a) R 1 (b', 'line\nbreak', 'two words'])('of a process called %j', (name) => {
    const stat = parseStat(Buffer.from(`23919 (${name}) ${STAT_REST}\n`));
    expect(stat).toEqual({
      name: Buffer.from(name),
      state: 'sleeping',
      parent: 23915,
      startTime: 1645309,
      residentPages: 10527,
      stackStart: 0,
    });
  });

  test.each(['', '23919 (node', '23919 (node) S 1'])('%j is none', (text) => {
    expect(parseStat(Buffer.from(text))).toBeUndefined();
  });
});

describe('/proc/PID/task/TID/syscall', () => {
  test.each([
    ['288 0x12 0x7ffd5c0f4d30 0x7ffd5c0f4d2c 0x80000 0x0 0x0 0x7ffd5c0f4cd8 0x7f2f4ad0a3c7\n', 'accept4(18)'],
    ['281 0xd 0x7ffe 0x400 0xffffffffffffffff 0x0 0x8 0x7ffe 0x7f\n', 'epoll_pwait(13)'],
    ['0 0xdeadbeef00000005 0x7f 0x20000 0x7f 0xffffffff 0x0 0x7ffc 0x7f\n', 'read(5)'],
    ['202 0x7f1c 0x189 0x0 0x0 0x0 0xffffffff 0x7f1c 0x7f1c\n', 'futex'],
    ['999 0x1 0x1 0x1 0x1 0x1 0x1 0x1 0x1\n', 'system call 999'],
    ['running\n', 'running'],
    ['-1 0x7ffc 0x7f\n', undefined],
    ['0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n', undefined],
    ['', undefined],
  ])('%j is %j', (text, call) => {
    expect(parseSyscall(text, 'x64')).toBe(call);
  });

  test.each([
    ['242 0x12 0xffffd5c0f4d30 0xffffd5c0f4d2c 0x80000 0x0 0x0 0xffffd5c0f4cd8 0xffff4ad0a3c7\n', 'accept4(18)'],
    ['22 0xd 0xffff 0x400 0xffffffffffffffff 0x0 0x8 0xffff 0xffff\n', 'epoll_pwait(13)'],
    ['98 0xffff 0x189 0x0 0x0 0x0 0xffffffff 0xffff 0xffff\n', 'futex'],
    ['232 0x5 0x0 0x0 0x0 0x0 0x0 0xffff 0xffff\n', 'system call 232'],
  ])('on aarch64 %j is %j', (text, call) => {
    expect(parseSyscall(text, 'arm64')).toBe(call);
  });

  test('a thread that sleeps in no function of the kernel', () => {
    expect(parseWchan('inet_csk_accept')).toBe('inet_csk_accept');
    expect(parseWchan('0')).toBeUndefined();
    expect(parseWchan('')).toBeUndefined();
  });
});

describe('/proc/PID/fdinfo/FD', () => {
  test('of a file', () => {
    const info = parseFdInfo('pos:\t4096\nflags:\t02102001\nmnt_id:\t24\nino:\t3\n');
    expect(info).toMatchObject({ offset: 4096, mount: 24, inode: 3, watched: [], eventfd: null });
    expect(flagNames(info.flags ?? 0)).toEqual(['O_WRONLY', 'O_APPEND', 'O_CLOEXEC']);
  });

  test('of an epoll instance', () => {
    const text = `pos:\t0
flags:\t02000002
mnt_id:\t16
ino:\t58
tfd:       17 events:       19 data:               11  pos:0 ino:3a sdev:10
tfd:       20 events: 10000001 data:               14  pos:0 ino:99b2 sdev:9
`;
    const { watched, offset } = parseFdInfo(text);
    expect(watched).toEqual([
      { fd: 17, exclusive: false },
      { fd: 20, exclusive: true },
    ]);
    expect(offset).toBe(0);
  });

  test('of an eventfd, whose count is hexadecimal', () => {
    const text = 'pos:\t0\nflags:\t02004002\nmnt_id:\t16\nino:\t58\neventfd-count:               1f\neventfd-id: 7\n';
    expect(parseFdInfo(text)).toMatchObject({ count: 31, eventfd: 7 });
  });

  test('of an older Linux, which tells no inode, and of one that tells nothing', () => {
    expect(parseFdInfo('pos:\t0\nflags:\t0100002\nmnt_id:\t9\n')).toMatchObject({ mount: 9, inode: null });
    expect(parseFdInfo('')).toMatchObject({ offset: null, flags: null, mount: null, count: null, pid: null });
  });

  test.each([
    [0o100000, ['O_RDONLY']],
    [0o2, ['O_RDWR']],
    [0o4010001, ['O_WRONLY', 'O_SYNC']],
    [0o10001, ['O_WRONLY', 'O_DSYNC']],
    [0o2204000, ['O_RDONLY', 'O_NONBLOCK', 'O_DIRECTORY', 'O_CLOEXEC']],
    [0o20200002, ['O_RDWR', 'O_TMPFILE']],
  ])('the flags %o', (flags, names) => {
    expect(flagNames(flags, 'x64')).toEqual(names);
  });

  test.each([
    [0o400000, ['O_RDONLY']], // O_LARGEFILE
    [0o2044000, ['O_RDONLY', 'O_NONBLOCK', 'O_DIRECTORY', 'O_CLOEXEC']],
    [0o20040002, ['O_RDWR', 'O_TMPFILE']],
    [0o300002, ['O_RDWR', 'O_DIRECT', 'O_NOFOLLOW']],
  ])('the flags %o on aarch64', (flags, names) => {
    expect(flagNames(flags, 'arm64')).toEqual(names);
  });
});

test.each([
  ['socket:[2513897]', 'socket', '2513897'],
  ['pipe:[10105590]', 'pipe', '10105590'],
  ['anon_inode:[eventpoll]', 'epoll', ''],
  ['anon_inode:[eventfd]', 'eventfd', ''],
  ['anon_inode:inotify', 'inotify', ''],
  ['anon_inode:[io_uring]', 'io_uring', ''],
  ['pidfd:[4242]', 'pidfd', '4242'],
  ['net:[4026531833]', 'net', '4026531833'],
  ['/dev/pts/0', 'device', '/dev/pts/0'],
  ['/dev/shm/cache', 'file', '/dev/shm/cache'],
  ['/memfd:prefork-scoreboard (deleted)', 'memfd', 'prefork-scoreboard'],
  ['/var/log/a [b]: c (deleted)', 'file', '/var/log/a [b]: c (deleted)'],
  ['/tmp/socket:[1]', 'file', '/tmp/socket:[1]'],
  ['(unreachable)/x', 'other', '(unreachable)/x'],
  ['', 'other', ''],
])('the link %j is a %s', (link, kind, name) => {
  expect(parseLink(link)).toEqual({ kind, name });
});

const TCP_HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                 \n';

describe('/proc/PID/net/tcp', () => {
  test('listening, established, and waiting to be accepted', () => {
    const text = `${TCP_HEAD}   0: 0100007F:3039 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 6135923 1 00000000d895dbaf 100 0 0 10 0
   1: 0100007F:3039 0100007F:A01C 01 00000010:000000FF 00:00000000 00000000  1000        0 77 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:3039 0100007F:A01D 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1
`;
    const server = { address: '127.0.0.1', port: 12345 };
    expect(parseInet(text, 'tcp')).toEqual([
      expect.objectContaining({
        local: server,
        peer: null,
        state: 'LISTEN',
        receiveQueue: 2,
        inode: 6135923,
        version: 4,
      }),
      expect.objectContaining({ peer: { address: '127.0.0.1', port: 40988 }, receiveQueue: 255, sendQueue: 16 }),
      expect.objectContaining({ local: server, state: 'ESTABLISHED', inode: 0 }),
    ]);
  });

  test.each([
    ['00000000000000000000000000000000:3039', '::'],
    ['00000000000000000000000001000000:3039', '::1'],
    ['0000000000000000FFFF00000100007F:3039', '127.0.0.1'],
    ['B80D0120000000000000000001000000:3039', '2001:db8::1'],
  ])('the IPv6 address %s', (hex, address) => {
    const line = `   0: ${hex} 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 5 1 0`;
    expect(parseInet(line, 'tcp')).toEqual([expect.objectContaining({ local: { address, port: 12345 }, version: 6 })]);
  });

  test('what is no socket is left out, a state of the future shown by number', () => {
    const cut = '   0: 0100007F:3039 0000';
    const future = '   0: 0100007F:3039 00000000:0000 1F 00000000:00000000 00:00000000 00000000 0 0 5 1 0';
    expect(parseInet(`${TCP_HEAD}${cut}\n\nnonsense\n`, 'tcp')).toEqual([]);
    expect(parseInet(future, 'tcp')).toEqual([expect.objectContaining({ state: 'state 31' })]);
  });
});

describe('/proc/PID/net/unix', () => {
  const unix = (lines: string) => parseUnix(`Num       RefCount Protocol Flags    Type St Inode Path\n${lines}\n`);

  test('listening, connected, unnamed, abstract, and with odd paths', () => {
    const sockets = unix(`000000005f443191: 00000002 00000000 00010000 0001 01 100 /run/app.sock
000000006dfdeec7: 00000003 00000000 00000000 0001 03 8257059
00000000fda74fce: 00000003 00000000 00000000 0002 01    56 @abstract@name
00000000fda74fcf: 00000003 00000000 00000000 0005 03    57 /tmp/a  b
00000000fda74fc0: 00000003 00000000 00000000 0001 03    58 /tmp/line
break
00000000fda74fc1: 00000003 00000000 00000000 0001 03    59 /tmp/\xff`);
    expect(sockets.map(({ type, state, path, inode }) => [inode, type, state, path])).toEqual([
      [100, 'stream', 'LISTEN', '/run/app.sock'],
      [8257059, 'stream', 'CONNECTED', ''],
      [56, 'dgram', 'UNCONNECTED', '@abstract@name'],
      [57, 'seqpacket', 'CONNECTED', '/tmp/a  b'],
      [58, 'stream', 'CONNECTED', '/tmp/line\\x0abreak'],
      [59, 'stream', 'CONNECTED', '/tmp/\\xff'],
    ]);
  });

  test('nothing', () => {
    expect(parseUnix('')).toEqual([]);
  });

  test('an abstract name is shown without what fills it up', () => {
    const path = (name: string) => unix(`00000000fda74fce: 00000002 00000000 00010000 0001 01 56 ${name}`)[0]?.path;
    expect(path('@app'.padEnd(108, '@'))).toBe('@app');
    expect(path('@app@')).toBe('@app@');
  });
});

test('the size of a page, by the auxiliary vector', () => {
  expect(pageSize(new Uint8Array(new BigUint64Array([33n, 7n, 6n, 16384n, 0n, 0n]).buffer))).toBe(16384);
});
