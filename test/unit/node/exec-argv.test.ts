import { expect, test } from 'vitest';
import { flagsForAnotherScript } from '../../../src/node/exec-argv.js';

test.for([
  [['--input-type=module', '-e', 'import "prefork"'], []],
  [['--input-type', 'module', '--eval=1'], []],
  [['-p', '-e', '1', '--no-warnings'], ['--no-warnings']],
  [['-pe', '1'], []],
  [
    ['-i', '-r', './hook.cjs'],
    ['-r', './hook.cjs'],
  ],
  [
    ['--test', '--import', './hook.mjs', '--watch-path=src', '--watch-path', 'lib'],
    ['--import', './hook.mjs'],
  ],
  [['--check', '-c', '--interactive', '--entry-url'], []],
  [['--inspect', '--inspect-brk=0', '--inspect-port', '0', '--max-old-space-size=64'], ['--max-old-space-size=64']],
  [
    ['--stack-trace-limit', '50', '--conditions=test'],
    ['--stack-trace-limit', '50', '--conditions=test'],
  ],
  [
    ['--evaluate', '--testing'],
    ['--evaluate', '--testing'],
  ],
  [['-e', '', '--no-warnings'], ['--no-warnings']],
] as const)('of %o another script gets %o', ([flags, rest]) => {
  expect(flagsForAnotherScript(flags)).toEqual(rest);
});
