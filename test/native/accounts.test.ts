import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { groupId, userId } from '../../src/posix/index.js';

/** Name and number of each line: passwd(5), group(5). */
function entries(file: string): [string, number][] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(':')).map(([name = '', , id]) => [name, Number(id)]);
}

test('users and groups by name', () => {
  for (const [name, id] of entries('/etc/passwd')) expect(userId(name)).toBe(id);
  for (const [name, id] of entries('/etc/group')) expect(groupId(name)).toBe(id);
  expect([userId('no such user'), groupId('no such group'), userId('')]).toEqual([undefined, undefined, undefined]);
});
