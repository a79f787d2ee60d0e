import { expect, test } from 'vitest';
import { compare } from '../../src/app/check/compare.js';
import type { CheckMessage } from '../../src/app/check/messages.js';
import { reportOf, reportText } from '../../src/app/check/report.js';
import type { Finding } from '../../src/app/examine/finding.js';

const refusal: Finding = { kind: 'socket', severity: 'refusal', message: 'fd 20 is connected', remedy: 'close it' };
const warning: Finding = { kind: 'timer', severity: 'warning', message: 'a timer', remedy: 'start it later' };
const findings = (...found: Finding[]): CheckMessage => ({ type: 'findings', findings: found });
const drawn = (uuid: string): CheckMessage => ({ type: 'drawn', drawn: { uuid: [uuid], sockets: [] } });
const verdictOf = (messages: CheckMessage[], ended?: string) => reportOf('app.js', messages, ended).verdict;

test('one value in common is one too many, none at all is none in common', () => {
  const one = { ids: ['a', 'b'], sockets: [], mine: ['x'] };
  const other = { ids: ['c', 'a'], sockets: [], theirs: ['x'] };
  expect(compare(one, other)).toEqual({ compared: ['ids', 'sockets'], same: ['ids'] });
});

test('the verdict', () => {
  expect(verdictOf([findings(warning), drawn('a'), drawn('b')])).toBe('clean');
  expect(verdictOf([findings(), drawn('a'), drawn('a')])).toBe('unsafe');
  expect(verdictOf([findings(refusal), drawn('a'), drawn('b')])).toBe('unsafe');
  expect(verdictOf([findings(), { type: 'no trial', reason: 'no room' }])).toBe('unsafe');
  expect(verdictOf([findings(), drawn('a')], 'SIGKILL')).toBe('unsafe');
  expect(verdictOf([], 'status 1')).toBe('not loaded');
  expect(verdictOf([{ type: 'unsettled', reasons: ['a timer'] }])).toBe('not loaded');
});

test('the text has a part for each kind, and none for what there is not', () => {
  const messages = [findings(refusal, warning), drawn('a'), drawn('a')];
  expect(reportText(reportOf('app.js', messages, undefined))).toBe(`app.js cannot be preforked as it is

Refuses the fork:
  fd 20 is connected
    close it

Warnings:
  a timer
    start it later

Two workers have the same:
  uuid

Two workers have their own:
  sockets
`);
  expect(reportText(reportOf('app.js', [], 'status 1'))).toBe(
    'app.js cannot be loaded\n\nProblems:\n  it ended with status 1\n',
  );
});
