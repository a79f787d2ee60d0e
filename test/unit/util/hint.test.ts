import { expect, test } from 'vitest';
import { withHint } from '../../../src/util/hint.js';

test.each([
  ['socketpair EMFILE: too many open files', /; raise the limit of open files/],
  ['socketpair ENFILE: file table overflow', /; raise fs\.file-max/],
  ['fork EAGAIN: resource temporarily unavailable', /; raise the limit of processes/],
  ['clone EAGAIN: resource temporarily unavailable', /; raise the limit of processes/],
  ['pthread_create EAGAIN: resource temporarily unavailable', /; raise the limit of processes/],
  ['rt_tgsigqueueinfo EAGAIN: resource temporarily unavailable', /; raise the limit of signals that wait/],
  ['read EAGAIN: resource temporarily unavailable', /unavailable$/],
  ['ftruncate EFBIG: file too large', /; raise the limit on the size of files.*ulimit -f/],
  ['kill EPERM: operation not permitted', /permitted$/],
])('%s comes with what to do about it', (message, expected) => {
  expect(withHint(message)).toMatch(expected);
});
