import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, startNode } from '../helpers/process.js';

// AddressSanitizer has a malloc of its own, which keeps what is freed.
test.skipIf(process.env.PREFORK_SANITIZER === 'asan')(
  'the young generation is small again after either notification, and free memory is given back',
  async () => {
    const p = await startNode([join(ROOT, 'test/fixtures/native/heap.mjs')]);
    expect(await p.closed).toEqual({ code: 0, signal: null });
    const { young, resident } = JSON.parse(p.text);
    for (const [grown, shrunk] of [young.low, young.pressure]) {
      expect(grown).toBeGreaterThanOrEqual(8);
      expect(shrunk).toBeLessThanOrEqual(4);
    }
    const [before, full, trimmed] = resident;
    const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
    if (header.glibcVersionRuntime === undefined) return expect(full - before).toBeLessThan(80); // musl gives it back.
    // 120 to 150 MB, by Node's OpenSSL and heap, were freed below memory that is still in use.
    expect(full - before).toBeGreaterThan(80);
    expect(full - trimmed).toBeGreaterThan(0.8 * (full - before));
  },
);

test('the young generation grows as far as it may, which is said when it is there', async () => {
  const p = await startNode([join(ROOT, 'test/fixtures/native/young-generation.mjs')]);
  expect(await p.closed).toEqual({ code: 0, signal: null });
  const { none, four, eight } = JSON.parse(p.text);
  expect(none[0]).toBe(false);
  expect(none[1]).toBeLessThanOrEqual(2);
  expect(four).toEqual([true, 4, false]);
  expect(eight).toEqual([true, 8, false]);
});

test('strings are hashed once, and are the same keys afterwards', async () => {
  const p = await startNode([join(ROOT, 'test/fixtures/native/strings.mjs')]);
  expect(await p.closed).toEqual({ code: 0, signal: null });
  const { first, second, ...keys } = JSON.parse(p.text);
  expect(first).toBeGreaterThanOrEqual(keys.count);
  expect(second).toBeLessThan(keys.count / 100);
  expect(keys).toEqual({ size: keys.count, found: true, count: keys.count });
});

test("a thread's processor time is its own", async () => {
  const p = await startNode([join(ROOT, 'test/fixtures/native/thread-time.mjs')]);
  expect(await p.closed).toEqual({ code: 0, signal: null });
  const { waited, computed } = JSON.parse(p.text) as Record<'waited' | 'computed', number>;
  expect(waited).toBeLessThan(100);
  expect(computed).toBeGreaterThan(300);
});
