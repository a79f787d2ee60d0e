import { expect, test, vi } from 'vitest';
import { rootsOf } from '../../../src/cli/inspect.js';
import { findRunning } from '../../../src/inspect/index.js';

vi.mock('../../../src/inspect/index.js', { spy: true });

const uid = process.geteuid?.() as number;

test.each([
  [[], "no prefork server of this user's runs; give the PID of any process"],
  [[7, 9], 'several servers run; give the PID of one or more: 7 (serve 7), 9 (serve 9)'],
])('without a PID, %j running servers are an error', (pids, message) => {
  vi.mocked(findRunning).mockReturnValue(pids.map((pid) => ({ pid, uid, command: `serve ${pid}` })));
  expect(() => rootsOf([], undefined)).toThrow(message);
});

test('without a PID, the only running server is meant', () => {
  vi.mocked(findRunning).mockReturnValue([
    { pid: 7, uid, command: '' },
    { pid: 8, uid: uid + 1, command: "another user's" },
  ]);
  expect(rootsOf([], undefined)).toEqual([7]);
});
