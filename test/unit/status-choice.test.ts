import { expect, test, vi } from 'vitest';
import { serverOf } from '../../src/cli/server-of.js';
import { findServers, readHeader, readServer } from '../../src/scoreboard/index.js';
import { sampleSnapshot } from './status-sample.js';

vi.mock('../../src/scoreboard/index.js', { spy: true });

const HEADER = {
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
  expect(serverOf(undefined, undefined)).toBe(7);
});
