import { expect, test } from 'vitest';
import { median, percentile, spreadOf } from '../../../src/util/statistics.js';

test('a percentile is the least value that so many do not exceed', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0, 0.5, 0.99, 1].map((part) => percentile(hundred, part))).toEqual([1, 50, 99, 100]);
  expect([0.5, 0.99].map((part) => percentile([7], part))).toEqual([7, 7]);
  expect(percentile([], 0.5)).toBeNull();
});

test('a median is the middle one, or the mean of the middle two, whatever their order', () => {
  expect(median([10, 9, 1])).toBe(9);
  expect(median([4, 1, 3, 10])).toBe(3.5);
  expect(median([])).toBeNaN();
});

test('a spread has the least and the most beside the median, and leaves the numbers as they are', () => {
  const numbers = [100, 9, 20];
  expect(spreadOf(numbers)).toEqual({ median: 20, min: 9, max: 100 });
  expect(numbers).toEqual([100, 9, 20]);
  expect(spreadOf([])).toBeNull();
});
