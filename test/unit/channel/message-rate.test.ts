import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Heard, MessageRate } from '../../../src/channel/message-rate.js';
import { Outstanding } from '../../../src/monitor/policy/outstanding.js';
import { TokenBucket } from '../../../src/util/token-bucket.js';

const heard = (fields: Partial<Heard>): Heard => ({ types: [], forParent: 0, hasAppBytes: false, bytes: 1, ...fields });

/** How many of these are heard of a process that says them as fast as it can for so many seconds. */
function countHeard(each: Heard, seconds: number): number {
  const rate = new MessageRate();
  let count = 0;
  for (let now = 0; now < seconds * 1000; now++) {
    for (let i = 0; i < 100; i++) {
      if (rate.hear(each, now).type === 'too much') return count;
      count++;
    }
  }
  return count;
}

test.each([
  ['messages', heard({ types: ['warning'] }), 8000],
  ['requests for sockets, which cost more', heard({ types: ['listen'] }), 4000],
  ['long messages, which cost more', heard({ types: ['warning'], bytes: 65_536 }), 500],
  ['bytes that make no message', heard({}), 8000],
  [
    "messages of prefork's own among those of the app",
    heard({ types: ['warning'], forParent: 1, hasAppBytes: true }),
    8000,
  ],
])('%s without end are too much', (_, each, most) => {
  const count = countHeard(each, 60);
  expect(count).toBeGreaterThan(100);
  expect(count).toBeLessThan(most);
});

test('what an app makes prefork say is never too much: 100 servers a second that come and go', () => {
  const rate = new MessageRate();
  for (let now = 0; now < 600_000; now += 10) {
    for (const type of ['listen', 'closed']) expect(rate.hear(heard({ types: [type] }), now).type).toBe('hear');
  }
});

test('the app may say what it likes to the parent, but has to wait: 2000 messages a second in the long run', () => {
  const rate = new MessageRate();
  let [now, count] = [0, 0];
  while (now < 60_000) {
    const verdict = rate.hear(heard({ forParent: 1, hasAppBytes: true }), now);
    if (verdict.type !== 'hear') throw new Error('it is heard');
    now += verdict.after;
    count++;
  }
  expect(count).toBeGreaterThan(100_000);
  expect(count).toBeLessThan(10_000 + 2000 * 61);
});

test('a bucket never gives more than its burst and what has come back since', () => {
  fc.assert(
    fc.property(
      fc.record({ burst: fc.integer({ min: 1, max: 100 }), perSecond: fc.integer({ min: 1, max: 100 }) }),
      fc.array(fc.record({ after: fc.nat({ max: 3000 }), tokens: fc.nat({ max: 50 }) })),
      (options, steps) => {
        const bucket = new TokenBucket(options);
        let [now, taken] = [0, 0];
        for (const { after, tokens } of steps) {
          now += after;
          if (bucket.take(tokens, now)) taken += tokens;
          expect(taken).toBeLessThanOrEqual(options.burst + (options.perSecond * now) / 1000 + 1e-6);
        }
      },
    ),
  );
});

test('a clock that goes back gives no tokens', () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 1 });
  expect(bucket.take(1, 10_000)).toBe(true);
  expect(bucket.take(1, 0)).toBe(false);
  expect(bucket.take(1, 500)).toBe(false);
});

test('for one who does not read, a bounded number of bytes waits; that some are dropped is told once', () => {
  const outstanding = new Outstanding();
  const mebibyte = 2 ** 20;
  const results = Array.from({ length: 20 }, () => outstanding.add(mebibyte));
  expect(results.filter((result) => result === 'admitted')).toHaveLength(15);
  expect(results.filter((result) => result === 'first refused')).toHaveLength(1);
  for (let i = 0; i < 15; i++) outstanding.done(mebibyte);
  expect(outstanding.add(mebibyte)).toBe('admitted');
});
