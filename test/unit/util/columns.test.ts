import { expect, test } from 'vitest';
import { columnsOf, cut } from '../../../src/util/columns.js';

test.each([
  ['plain', 5],
  ['サーバー', 8],
  ['ﾊﾝｶｸ', 4],
  ['（全角）', 8],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['…–→', 3],
])('%s takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test.each([
  ['plain', 5, 'plain'],
  ['plain text', 6, 'plain…'],
  ['サーバー', 8, 'サーバー'],
  ['サーバー', 7, 'サーバ…'],
  ['サーバー', 6, 'サー…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ['a👩‍👩‍👧b', 3, 'a…'],
])('%s is cut to %i columns', (text, columns, shown) => {
  expect(cut(text, columns)).toBe(shown);
  expect(columnsOf(shown)).toBeLessThanOrEqual(columns);
});
