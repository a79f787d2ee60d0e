// What is expected of a case, and whether it came so.

/**
 * What cases wait for, and what happens to them until prefork has it. To be removed here when it has: the cases are
 * then expected to run unmodified.
 */
export const WAITING = {
  'held connects': { outcome: 'refused', message: /is connected to/ },
  workers: { outcome: 'refused', message: /Worker/ },
  // A database is away for a second, the app ends without it, and so the service ends with status 3.
  'patience with a database': { outcome: 'fails', message: /^restart of its server: it ended/ },
  // Threads of native code with descriptors of their own: refused, with the name of the package.
  'native code by its name': { outcome: 'fails' },
  'CPU times': { outcome: 'fails', message: /another answer/ },
};

const UNMODIFIED = { outcome: 'unmodified' };

/** @returns {{ outcome: string, message?: RegExp, waitsFor?: string }} */
export function expectationOf({ waitsFor, meanwhile, expected = UNMODIFIED }, major, waiting = WAITING) {
  const reasons = typeof waitsFor === 'function' ? waitsFor(major) : waitsFor;
  const reason = [reasons].flat().find((each) => each in waiting);
  if (reason !== undefined) return { ...waiting[reason], ...meanwhile, waitsFor: reason };
  return typeof expected === 'function' ? expected(major) : expected;
}

/** @returns {string | undefined} what is not as expected */
export function judge(expected, { outcome, message }) {
  const { waitsFor } = expected;
  if (outcome !== expected.outcome) {
    const was = `expected: ${expected.outcome}; it is: ${outcome}${message && `, ${message}`}`;
    return waitsFor && outcome === 'unmodified'
      ? `it runs unmodified, though it waited for ${waitsFor}: remove that from WAITING or from its case`
      : was;
  }
  if (expected.message && !expected.message.test(message)) {
    return `${outcome} otherwise than expected (${expected.message}): ${message}`;
  }
  return undefined;
}
