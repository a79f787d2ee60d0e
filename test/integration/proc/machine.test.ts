import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { pageSize } from '../../../src/proc/machine.js';

test('the size of a page is what getconf says', () => {
  expect(pageSize()).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
});
