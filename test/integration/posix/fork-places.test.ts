// A fork may happen anywhere on the main thread: in every callback the running code goes on in both processes.
import { describe, expect, test } from 'vitest';
import { run, TIMEOUT } from '../../fixtures/fork/harness.js';
import { places } from '../../fixtures/fork/places.mjs';

const behaviours = [
  ['timers', 'promisesOfTimers'],
  ['timers', 'phasesKeepTheirOrder'],
  ['files', 'promises'],
  ['network', 'httpWithKeepAlive'],
  ['engine', 'fullCollections'],
  ['workers', 'manyWorkers'],
  ['processes', 'exec'],
  ['endings', 'eventLoopRunsEmpty'],
  ['endings', 'uncaughtExceptionInATimer'],
  ['endings', 'topLevelAwaitNeverSettles'],
] as const;

describe.each(Object.keys(places))('forked in %s', (forkIn) => {
  test.each(behaviours)('%s.%s', { timeout: TIMEOUT }, async (topic, name) => {
    const [fresh, forked] = await Promise.all([run(topic, name, { forkIn }), run(topic, name, { forkIn, forks: 1 })]);
    expect(forked).toEqual(fresh);
  });
});
