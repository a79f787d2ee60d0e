import { expect, test } from 'vitest';
import { allowedSize, growthFactor, setYoungGeneration } from '../../../../src/app/policy/young-generation.js';

const MIB = 2 ** 20;

test.each([
  [1, 4, 2],
  [2, 4, 2],
  [3, 4, 1],
  [4, 4, 1],
  [16, 4, 1],
  [1, 1, 1],
  [1, 2, 1],
  [16, 0, 2],
])('of %i MiB where %i MiB are allowed the factor is %i', (size, allowed, factor) => {
  expect(growthFactor({ size: size * MIB, allowed: allowed * MIB })).toBe(factor);
});

test.each([
  { says: 'is the smallest at first', size: 2, allowed: undefined, cap: 8, share: 0, expected: 2 },
  { says: 'is at first no more than the maximum', size: 2, allowed: undefined, cap: 1, share: 0, expected: 1 },
  { says: 'stays where scavenges are cheap', size: 2, allowed: 2, cap: 8, share: 0.04, expected: 2 },
  { says: 'doubles where they are not', size: 2, allowed: 2, cap: 8, share: 0.06, expected: 4 },
  { says: 'doubles where V8 has given one half back', size: 1, allowed: 2, cap: 8, share: 0.06, expected: 4 },
  { says: 'waits until V8 has made use of the last step', size: 2, allowed: 4, cap: 8, share: 0.2, expected: 4 },
  { says: 'ends at the maximum', size: 4, allowed: 4, cap: 6, share: 0.2, expected: 6 },
  { says: 'is left to V8 without a maximum', size: 2, allowed: undefined, cap: 0, share: 0, expected: 0 },
])('the allowed size $says', ({ size, allowed, cap, share, expected }) => {
  const before = allowed === undefined ? undefined : allowed * MIB;
  expect(allowedSize({ size: size * MIB, allowed: before, cap: cap * MIB, share })).toBe(expected * MIB);
});

test('a user who sets the young generation is left alone', () => {
  expect(setYoungGeneration({ argv: ['--max-semi-space-size=32'], options: undefined })).toBe(true);
  expect(setYoungGeneration({ argv: [], options: '--max_semi_space_size=32' })).toBe(true);
  expect(setYoungGeneration({ argv: ['--semi-space-growth-factor', '3'], options: undefined })).toBe(true);
  expect(setYoungGeneration({ argv: ['--max-old-space-size=512'], options: '--enable-source-maps' })).toBe(false);
});
