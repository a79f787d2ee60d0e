import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { joinOptions } from '../../../src/node/flags.js';

test('Node reads what is joined in the same way', () => {
  const condition = 'a b"c\\d';
  const env = { ...process.env, NODE_OPTIONS: joinOptions([`--title=${condition}`]) };
  expect(execFileSync(process.execPath, ['-p', 'process.title'], { env, encoding: 'utf8' })).toBe(`${condition}\n`);
});
