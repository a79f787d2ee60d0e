// The parts of `npm run test:apps` that decide: whether answers are the same, whether a case did as expected.
import { expect, test } from 'vitest';
import { difference, names, withoutPids } from '../../apps/harness/answers.mjs';
import { expectationOf, judge } from '../../apps/harness/expectation.mjs';
import { report } from '../../apps/harness/report.mjs';

const ran = { outcome: 'unmodified', message: '' };
const refused = { outcome: 'refused', message: 'Worker 1 runs' };

test('answers are the same when only the processes that gave them differ', () => {
  expect(withoutPids({ pid: 4711, port: 14711 }, [4711, 815])).toBe('{"pid":PID,"port":14711}');
  expect(withoutPids([{ status: 200, body: '200' }], [200])).toBe('[{"status":200,"body":"PID"}]');
  expect(names('{"pid":4711}', 4711)).toBe(true);
  expect(names('{"port":14711}', 4711)).toBe(false);
  expect(difference('same', 'same')).toBeUndefined();
  expect(difference('pid PID', 'pid 4711')).toBe('expected "pid PID", got "pid 4711"');
  expect(difference('shorter', 'shorter by far')).toBe('expected "shorter", got "shorter by far"');
});

test('a case without an expectation is to run unmodified', () => {
  const expected = expectationOf({}, 20);
  expect(judge(expected, ran)).toBeUndefined();
  expect(judge(expected, refused)).toBe('expected: unmodified; it is: refused, Worker 1 runs');
  expect(judge(expected, { outcome: 'fails', message: 'reload: x' })).toMatch('it is: fails, reload: x');
});

test('a case that expects a refusal is to be refused for just this, and tells when it runs', () => {
  const expected = expectationOf({ expected: { outcome: 'refused', message: /Worker/ } }, 20);
  expect(judge(expected, refused)).toBeUndefined();
  expect(judge(expected, { outcome: 'refused', message: 'fd 20 is connected' })).toMatch('otherwise than expected');
  expect(judge(expected, { outcome: 'fails', message: 'Worker' })).toMatch('it is: fails');
  expect(judge(expected, ran)).toMatch('expected: refused; it is: unmodified');
});

test('an expectation may depend on the version of Node', () => {
  const expected = (major: number) => ({ outcome: major < 22 ? 'refused' : 'unmodified' });
  expect(expectationOf({ expected }, 20).outcome).toBe('refused');
  expect(expectationOf({ expected }, 22).outcome).toBe('unmodified');
});

test('the report tells each version, the remedy, and why an app does not run', () => {
  const outcome = (name: string, version: string, result: object, remedied?: object) => ({
    testCase: { name, title: `the app ${name}`, group: 'Redis', packages: [name], remedy: { text: '`--no-preload`' } },
    node: { version: `v${version}` },
    result,
    remedied,
  });
  const message = 'thread 12 of /srv/node_modules/x of /srv/.cache/cases/b-0123456789ab/app.mjs:1:2 runs\nmore';
  const outcomes = [
    outcome('a', '22.1.0', ran),
    outcome('a', '20.1.0', ran),
    outcome('b', '20.1.0', { outcome: 'refused', message }, ran),
    outcome('b', '22.1.0', ran),
  ];
  const text = report(outcomes, (name) => (name === 'a' ? '1.0.0' : '2.0.0'), new Date('2026-01-02'));
  expect(text).toMatch('on 2026-01-02, with Node 20.1.0, 22.1.0.');
  expect(text).toMatch('1 of 2 run unmodified');
  expect(text).toMatch('| the app a | a 1.0.0 | unmodified |  |');
  const both = 'refused, runs with the remedy on 20; unmodified on 22';
  expect(text).toMatch(`| the app b | b 2.0.0 | ${both} | \`--no-preload\` |`);
  expect(text).toMatch('- the app b. Node 20: thread N of node_modules/x of b/app.mjs:1:2 runs\n');
});
