import { expect, test } from 'vitest';
import { firstSize, nextSize, setsYoungGeneration } from '../../../../src/app/policy/young-generation.js';

const MIB = 2 ** 20;

test.each([
  [8, 2],
  [1, 1],
])('where %i MiB are the maximum, %i MiB are allowed at first', (cap, first) => {
  expect(firstSize(cap * MIB)).toBe(first * MIB);
});

test.each([
  { says: 'stays where scavenges are cheap', allowed: 2, cap: 8, share: 0.04, expected: 2 },
  { says: 'doubles where they are not', allowed: 2, cap: 8, share: 0.06, expected: 4 },
  { says: 'ends at the maximum', allowed: 4, cap: 6, share: 0.2, expected: 6 },
])('the allowed size $says', ({ allowed, cap, share, expected }) => {
  expect(nextSize(allowed * MIB, cap * MIB, share)).toBe(expected * MIB);
});

test('a user who sets the young generation is left alone', () => {
  expect(setsYoungGeneration({ argv: ['--max-semi-space-size=32'], options: undefined })).toBe(true);
  expect(setsYoungGeneration({ argv: [], options: '--max_semi_space_size=32' })).toBe(true);
  expect(setsYoungGeneration({ argv: ['--semi-space-growth-factor', '3'], options: undefined })).toBe(true);
  expect(setsYoungGeneration({ argv: ['--max-old-space-size=512'], options: '--enable-source-maps' })).toBe(false);
});
