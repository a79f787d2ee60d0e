import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RawConnection } from '../../src/app/warm-up/raw-connection.js';
import { open } from '../../src/posix/index.js';
import { openDescriptors } from '../helpers/proc.js';
import { ROOT } from '../helpers/process.js';

test.each([
  [
    'connect to an own server',
    ['0 free: EMFILE, then 0', '1 free: EMFILE, then 1', '2 free: EMFILE, then 2', '3 free: done, then 1'],
  ],
  // It has its listener, and is started again once there are some.
  [
    'start the status process',
    ['0 free: EMFILE, then 0', '1 free: done, then 0', '2 free: done, then 1', '3 free: done, then 2'],
  ],
  ['hand out the scoreboard', ['0 free: EMFILE, then 0', '1 free: EMFILE, then 1', '2 free: done, then 0']],
])('where descriptors are missing to %s, none is left open', (call, said) => {
  const fixture = join(ROOT, 'test/fixtures/native/exhausted.mjs');
  const args = ['-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath, fixture, call];
  const lines = execFileSync('sh', args, { encoding: 'utf8' }).trimEnd().split('\n');
  expect(lines.slice(0, said.length)).toEqual(said);
});

test("a connection's end that cannot be watched is closed", () => {
  const file = open('/dev/null');
  expect(() => new RawConnection(file)).toThrow('EPERM');
  expect(openDescriptors().get(file)).not.toBe('/dev/null');
});
