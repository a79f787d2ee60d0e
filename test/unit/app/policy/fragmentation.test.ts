import { expect, test } from 'vitest';
import { isFragmented } from '../../../../src/app/policy/fragmentation.js';

// As measured, in bytes, with Node 20.
test.each([
  { says: 'of a trivial app', used: 4_867_000, free: 1_027_472, expected: false },
  { says: 'of a small app that threw half away', used: 10_617_712, free: 4_283_048, expected: true },
  { says: 'of a catalogue that is dense', used: 142_665_080, free: 1_036_800, expected: false },
  { says: 'of records, all of which are kept', used: 84_848_360, free: 926_520, expected: false },
  { says: 'of records, each 20th of which is garbage', used: 84_653_584, free: 3_132_096, expected: true },
  { says: 'that V8 tells nothing of', used: 0, free: 0, expected: false },
])('the heap $says: fragmented is $expected', ({ used, free, expected }) => {
  expect(isFragmented({ used, free })).toBe(expected);
});
