import { expect, test } from 'vitest';
import { from } from '../../../src/fork-safety/diagnostic.js';
import { workerText } from '../../../src/fork-safety/worker-text.js';

test('a Worker is told by its id, its name and its script, as far as they are known', () => {
  expect(workerText({ id: 3, name: 'mailer', script: '/srv/thread.mjs' })).toBe('Worker 3 "mailer" (/srv/thread.mjs)');
  expect(workerText({ id: 3, script: '/srv/thread.mjs' })).toBe('Worker 3 (/srv/thread.mjs)');
  expect(workerText({ id: 3 })).toBe('Worker 3');
});

test('what is open is told with its place and its Worker, as far as they are known', () => {
  expect(from('opened', '/srv/db.js:3:9', 'Worker 1')).toBe(', opened at /srv/db.js:3:9 by Worker 1');
  expect(from('opened', undefined, 'Worker 1')).toBe(', opened by Worker 1');
  expect(from('opened', '/srv/db.js:3:9')).toBe(', opened at /srv/db.js:3:9');
  expect(from('opened', undefined)).toBe('');
});
