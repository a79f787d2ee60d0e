// What is expected of a case, and whether it came so.

const UNMODIFIED = { outcome: 'unmodified' };

/** @returns {{ outcome: string, message?: RegExp }} for a major version of Node */
export function expectationOf({ expected = UNMODIFIED }, major) {
  return typeof expected === 'function' ? expected(major) : expected;
}

/** @returns {string | undefined} what is not as expected */
export function judge(expected, { outcome, message }) {
  if (outcome !== expected.outcome) {
    return `expected: ${expected.outcome}; it is: ${outcome}${message && `, ${message}`}`;
  }
  if (expected.message && !expected.message.test(message)) {
    return `${outcome} otherwise than expected (${expected.message}): ${message}`;
  }
  return undefined;
}
