// What works in Node works in a forked child: the same code, fresh and forked, must look the same from outside.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, TIMEOUT } from '../../fixtures/fork/harness.js';

const FOLDER = join(import.meta.dirname, '../../fixtures/fork/behaviours');
const topics: [string, string[]][] = [];
for (const file of readdirSync(FOLDER)) {
  const behaviours = Object.keys(await import(join(FOLDER, file)));
  topics.push([file.replace('.mjs', ''), behaviours]);
}

/** The behaviours that do not end with status 0. */
const ENDS: Record<string, number | NodeJS.Signals> = {
  exitWithACode: 7,
  exitCodeOfANaturalEnd: 5,
  exitCodeSetByAnExitListener: 6,
  exitFromATimer: 8,
  exitWhileThePoolWorks: 9,
  exitWhileWorkersRun: 10,
  exitWhileTheCompilersWork: 11,
  uncaughtException: 1,
  uncaughtExceptionInATimer: 1,
  unhandledRejection: 1,
  topLevelAwaitNeverSettles: 13,
  abort: 'SIGABRT',
  reallyExit: 12,
  killItself: 'SIGKILL',
  removedListenerRestoresTheDefault: 'SIGHUP',
  sigtermEnds: 'SIGTERM',
  sigtermEndsABusyProcess: 'SIGTERM',
  sigintEnds: 'SIGINT',
  sigkillEnds: 'SIGKILL',
};

describe.each(topics)('%s', (topic, behaviours) => {
  test.each(behaviours)('%s', { timeout: TIMEOUT }, async (name) => {
    const end = ENDS[name] ?? 0;
    const fresh = await run(topic, name);
    expect(fresh).toMatchObject(typeof end === 'number' ? { code: end } : { signal: end });
    const [bare, furnished, grandchild] = await Promise.all([
      run(topic, name, { forks: 1 }),
      run(topic, name, { forks: 1, parent: 'furnished' }),
      run(topic, name, { forks: 2 }),
    ]);
    // Node prints the C++ stack of an abort, which does differ.
    const comparable = name === 'abort' ? { ...fresh, stderr: expect.any(String) } : fresh;
    expect.soft(bare, 'forked').toEqual(comparable);
    expect.soft(furnished, 'forked with handles of every kind in the parent').toEqual(comparable);
    expect.soft(grandchild, 'forked by a forked child').toEqual(comparable);
  });
});
