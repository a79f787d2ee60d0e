import { expect, test } from 'vitest';
import { runNative } from '../helpers/process.js';

const WATCHED = ['read by the parent', 'SIGTERM', 'caught by the parent'];
const FORKS: [string, string, readonly unknown[]][] = [
  ['a forked child watches nothing', 'fork', WATCHED],
  ['nor does one that another copy of the package has forked', 'forkOfAnotherCopy', WATCHED],
];

test.for<[string, string, readonly unknown[]]>([
  [
    'a watch comes before all listeners, which it does not add to',
    'order',
    [['self 2', 'once, before', 'after', 'process 1', 'after']],
  ],
  ['a signal without a listener does not have the default action', 'again', [['self 1', 'self 0']]],
  ['listeners get what the watch lets through', 'keptFromListeners', [1]],
  ['an exception is uncaught', 'throwing', ['mine']],
  [
    'what cannot be caught is refused',
    'uncatchable',
    ['uv_signal_start EINVAL: invalid argument', 'sigaction EINVAL: invalid argument'],
  ],
  ['neither keeps the process alive', 'loop', []],
  ['but until its listeners had it, a signal does', 'lastListener', ['listened']],
  ['an ignored signal is not ignored in what the process starts', 'ignored', ['SIGHUP']],
  [
    'a descriptor is watched, to its end of file',
    'readable',
    [[0, 'first'], [0, 'second'], [0, ''], 'uv_poll_init EBADF: bad file descriptor'],
  ],
  // AddressSanitizer has a start routine of its own in each thread, by which fork() does not find the C library's.
  ...(process.env.PREFORK_SANITIZER === 'asan' ? [] : FORKS),
  ['a thread that ends leaves the signal to others', 'worker', ['self']],
])('%s', async ([, scenario, said]) => {
  expect(await runNative('watches', [scenario])).toEqual({ code: 0, signal: null, stderr: '', said });
});

test('a closed watch leaves the signal to its listeners, and then to its default action', async () => {
  const said = ['uv_signal_start EBUSY: resource busy or locked', 'listened'];
  expect(await runNative('watches', ['closed'])).toMatchObject({ code: null, signal: 'SIGTERM', said });
});
