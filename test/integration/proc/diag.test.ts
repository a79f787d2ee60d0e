import { expect, test } from 'vitest';
import { sockDiag } from '../../../src/posix/sock-diag.js';
import { tcpRequest, unixRequest } from '../../../src/proc/diag.js';

test('the kernel takes both requests, and refuses one for a protocol that it does not know', () => {
  expect(sockDiag(unixRequest()).every((answer) => answer[0] === 1)).toBe(true);
  expect(sockDiag(tcpRequest(4)).every((answer) => answer[0] === 2 && answer[1] !== 6)).toBe(true);
  const unknown = Buffer.from(tcpRequest(4)).fill(255, 1, 2);
  expect(() => sockDiag(unknown)).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'sock_diag' }));
});
