import { expect, test } from 'vitest';
import { readRoles } from '../../../src/inspect/roles.js';
import { rolesOf } from '../../../src/inspect/servers.js';
import { type InetSocket, parseInet } from '../../../src/proc/net.js';
import type { Process } from '../../../src/proc/process.js';
import { socketsOf, waitingFor } from '../../../src/proc/sockets.js';
import { sampleSnapshot } from '../status/sample.js';

const ANY4 = '00000000:3039';
const LOCAL4 = '0100007F:3039';
const NONE4 = '00000000:0000';
const ANY6 = `${'0'.repeat(32)}:3039`;
const MAPPED6 = '0000000000000000FFFF00000100007F:3039';

function socket(
  local: string,
  state: 'LISTEN' | 'ESTABLISHED' | 'TIME_WAIT' | 'CLOSE_WAIT',
  inode: number,
): InetSocket {
  const code = { LISTEN: '0A', ESTABLISHED: '01', TIME_WAIT: '06', CLOSE_WAIT: '08' }[state];
  const none = local.length === NONE4.length ? NONE4 : ANY6.replace('3039', '0000');
  const remote = state === 'LISTEN' ? none : `${local.slice(0, -4)}A01C`;
  const [parsed] = parseInet(
    `0: ${local} ${remote} ${code} 00000000:00000001 00:00000000 00000000 0 0 ${inode}`,
    'tcp',
  );
  return parsed as InetSocket;
}

test.each([
  [ANY4, LOCAL4],
  [LOCAL4, LOCAL4],
  [ANY6, MAPPED6],
])('who waits at the listener %s', (at, of) => {
  const listener = socket(at, 'LISTEN', 5);
  const waiting = [socket(of, 'ESTABLISHED', 0), socket(of, 'CLOSE_WAIT', 0)];
  const others = [
    socket(of, 'ESTABLISHED', 6),
    socket(of, 'TIME_WAIT', 0),
    socket(of.replace('3039', '3038'), 'ESTABLISHED', 0),
  ];
  expect(waitingFor(listener, socketsOf([listener, ...waiting, ...others]))).toEqual(waiting);
});

test('of two listeners on one port nobody can tell who waits at which', () => {
  const [one, other] = [socket(ANY4, 'LISTEN', 5), socket(ANY4, 'LISTEN', 6)];
  expect(waitingFor(one, socketsOf([one, other, socket(LOCAL4, 'ESTABLISHED', 0)]))).toEqual([]);
});

test.each([
  ['nginx: master process nginx -c /etc/nginx/nginx.conf', 'nginx: master process'],
  ['nginx: cache manager process', 'nginx: cache manager process'],
  ['php-fpm: master process (/etc/php/fpm.conf)', 'php-fpm: master process'],
  ['node server.js: a process', undefined],
  ['apache2 -k start', undefined],
])('the role of %j is %j', (command, role) => {
  // No process has this id.
  expect(readRoles([{ pid: 2 ** 22 + 1, parent: 1, command } as Process]).get(2 ** 22 + 1)).toBe(role);
});

test('the roles of a server', () => {
  const snapshot = sampleSnapshot({ pid: 7, zygote: { pid: 8, generation: 1 } });
  expect([...rolesOf(snapshot)]).toEqual([
    [7, 'monitor'],
    [8, 'zygote'],
    [200, 'worker 0'],
    [201, 'worker 1'],
  ]);
});
