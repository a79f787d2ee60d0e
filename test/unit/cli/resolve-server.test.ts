import { expect, test, vi } from 'vitest';
import { serverOf } from '../../../src/cli/resolve-server.js';
import { findServers, readHeader, readServer } from '../../../src/scoreboard/index.js';
import { sampleSnapshot } from '../status/sample.js';

vi.mock('../../../src/scoreboard/index.js', { spy: true });

const HEADER = {
  uid: process.geteuid?.() as number,
  startedAt: 0,
  target: 1,
  generation: 1,
  stopping: false,
  reload: { state: 'none', generation: 0 },
} as const;

test.each([
  [[], 'no prefork server runs'],
  [[7, 9], 'several servers run; choose one: 7 (/srv/7.js), 9 (prefork 9.0.0)'],
])('without a PID, %j running servers are an error', (servers, message) => {
  vi.mocked(findServers).mockReturnValue(servers);
  vi.mocked(readHeader).mockImplementation((pid) => ({ ...HEADER, pid, version: `${pid}.0.0`, known: pid !== 9 }));
  vi.mocked(readServer).mockImplementation((pid) => sampleSnapshot({ pid, app: `/srv/${pid}.js` }));
  expect(() => serverOf(undefined, undefined)).toThrow(message);
});

test('without a PID, the only running server is meant', () => {
  vi.mocked(findServers).mockReturnValue([7]);
  vi.mocked(readHeader).mockImplementation((pid) => ({ ...HEADER, pid, version: '', known: true }));
  expect(serverOf(undefined, undefined)).toBe(7);
});

test("without a PID, another user's server is never meant, but named", () => {
  vi.mocked(findServers).mockReturnValue([7, 9]);
  const header = (pid: number, uid: number) => ({ ...HEADER, pid, uid, version: '', known: true });
  vi.mocked(readHeader).mockImplementation((pid) => header(pid, pid === 7 ? HEADER.uid : 12_345));
  expect(serverOf(undefined, undefined)).toBe(7);
  vi.mocked(readHeader).mockImplementation((pid) => header(pid, 12_345));
  const message = "no prefork server of this user's runs; of others: 7 (user 12345's), 9 (user 12345's)";
  expect(() => serverOf(undefined, undefined)).toThrow(message);
});
