import { expect, test } from 'vitest';
import { compare } from '../../../../src/fork-safety/check/compare.js';
import type { CheckMessage } from '../../../../src/fork-safety/check/messages.js';
import { reportOf, reportText } from '../../../../src/fork-safety/check/report.js';
import { type Diagnostic, NO_SERVER } from '../../../../src/fork-safety/diagnostic.js';

const refusal: Diagnostic = { kind: 'socket', severity: 'refusal', message: 'fd 20 is connected', remedy: 'close it' };
const warning: Diagnostic = { kind: 'timer', severity: 'warning', message: 'a timer', remedy: 'start it later' };
const findings = (...found: Diagnostic[]): CheckMessage => ({ type: 'findings', findings: found });
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
  expect(verdictOf([findings(), { type: 'no comparison', reason: 'no room' }])).toBe('unsafe');
  expect(verdictOf([findings(), drawn('a')], 'SIGKILL')).toBe('unsafe');
  expect(verdictOf([], 'status 1')).toBe('not loaded');
  expect(verdictOf([{ type: 'unsettled', reasons: ['a timer'] }])).toBe('not loaded');
});

test('a reason may say what to do; one that ends with a colon is about those that follow', () => {
  const toDo = (...reasons: string[]) => reportOf('app.js', [{ type: 'unsettled', reasons }], undefined).toDo;
  expect(toDo('it forks workers; start one of them', 'it has ended')).toEqual([
    { what: 'start one of them', items: [1] },
    { what: expect.stringMatching(/^see what it has written/), items: [2] },
  ]);
  expect(toDo('it is still busy, with:', 'a timer')).toEqual([
    { what: expect.stringMatching(/^let it end .*--spawn-timeout$/), items: [1] },
  ]);
  expect(toDo(NO_SERVER, 'a datagram socket')).toEqual([
    { what: expect.stringMatching(/^let it listen on TCP or a unix socket/), items: [1] },
  ]);
});

test('an app that can be forked is told how it is started', () => {
  expect(reportText(reportOf('app.js', [findings(), drawn('a'), drawn('b')], undefined))).toBe(
    'app.js can be preforked\n\nTwo workers have their own:\n  uuid\n  sockets\n\nStart it: prefork start app.js\n',
  );
});

test('the text has a part for each kind, and none for what there is not', () => {
  const messages = [findings(refusal, warning, { ...warning, message: 'another timer' }), drawn('a'), drawn('a')];
  expect(reportText(reportOf('app.js', messages, undefined))).toBe(`app.js cannot be preforked as it is

Refuses the fork:
  1. fd 20 is connected

Two workers have the same:
  2. uuid

Warnings:
  3. a timer
  4. another timer

Two workers have their own:
  sockets

What to do, the most important first:
  1: close it
  2: draw the first of them in a worker: in afterFork (prefork/app), or when a request needs it
  3, 4: start it later
`);
  expect(reportText(reportOf('app.js', [], 'status 1'))).toBe(`app.js cannot be loaded

Problems:
  1. it ended with status 1

What to do, the most important first:
  1: see what it has written to standard error, and how it runs under plain node
`);
});
