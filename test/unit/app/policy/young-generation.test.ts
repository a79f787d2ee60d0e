import { expect, test } from 'vitest';
import { growthFactor, setYoungGeneration } from '../../../../src/app/policy/young-generation.js';

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
])('of %i MiB under a cap of %i MiB the factor is %i', (size, cap, factor) => {
  expect(growthFactor({ size: size * MIB, cap: cap * MIB })).toBe(factor);
});

test('a user who sets the young generation is left alone', () => {
  expect(setYoungGeneration({ argv: ['--max-semi-space-size=32'], options: undefined })).toBe(true);
  expect(setYoungGeneration({ argv: [], options: '--max_semi_space_size=32' })).toBe(true);
  expect(setYoungGeneration({ argv: ['--semi-space-growth-factor', '3'], options: undefined })).toBe(true);
  expect(setYoungGeneration({ argv: ['--max-old-space-size=512'], options: '--enable-source-maps' })).toBe(false);
});
