// Ctrl-C: to the process group, as a terminal sends it, and to the parent alone. Nothing may stay behind.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { processesWithEnvironment } from '../../helpers/proc.js';
import { ROOT, type Running, start, startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { eventually } from '../../helpers/wait.js';

const INTERRUPTED = { code: null, signal: 'SIGINT' };
const RUN = 'PREFORK_TEST_LESSON';

const WAYS = [
  ['the process group', (pid: number) => process.kill(-pid, 'SIGINT')],
  ['the parent alone', (pid: number) => process.kill(pid, 'SIGINT')],
] as const;

/** Waits until the lesson, or its children, are where they stay. */
const BLOCKING: readonly (readonly [number, (lesson: Running) => Promise<unknown>])[] = [
  [2, (lesson) => lesson.line(/^accepting\.\.\.$/)],
  [3, (lesson) => lesson.line(/^accepting\.\.\.$/)],
  // The second client has this long to wait.
  [4, (lesson) => lesson.line(/^# the first client got its line back$/)],
  [6, (lesson) => lesson.lines(3, /^Child \d+ is accepting\.\.\.$/)],
  [7, (lesson) => lesson.lines(3, /^Child \d+ accepting\.\.\.$/)],
  [9, stopChildren],
];

/** Lesson 9 then waits for them for ever, with its server's children already there. */
async function stopChildren(lesson: Running): Promise<void> {
  for (let n = 0; n < 3; n++) {
    const child = Number((await lesson.line(/^Child (\d+) accepting\.\.\.$/))[1]);
    process.kill(child, 'SIGSTOP');
  }
}

async function startLesson(number: number) {
  const run = randomUUID();
  const lesson = await startPrefork(['lesson', `${number}`, '--port', '0'], {
    group: true,
    env: { [RUN]: run, LC_ALL: 'C' },
  });
  const left = () => processesWithEnvironment(RUN, run);
  return { lesson, left };
}

describe.each(WAYS)('SIGINT to %s', (_, interrupt) => {
  test.each(BLOCKING)('ends lesson %i with all its processes', async (number, ready) => {
    const { lesson, left } = await startLesson(number);
    await ready(lesson);
    expect(left()).toContain(lesson.pid);
    interrupt(lesson.pid);
    expect(await lesson.exit).toEqual(INTERRUPTED);
    if (number === 9) for (const pid of left()) resume(pid);
    // The outputs are closed once the last process that held them is gone.
    await lesson.closed;
    await eventually('no process is left', () => left().length === 0);
    expect(lesson.stderr.text).toBe('');
  });

  test.each([1, 5, 8, 9])('at any moment leaves nothing of lesson %i', async (number) => {
    const { lesson, left } = await startLesson(number);
    await lesson.line(/./);
    interrupt(lesson.pid);
    expect([INTERRUPTED, { code: 0, signal: null }]).toContainEqual(await lesson.exit);
    await lesson.closed;
    await eventually('no process is left', () => left().length === 0);
    expect(lesson.stderr.text).toBe('');
  });
});

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

testWith('python3')('Ctrl-C on a terminal: status 130, and nothing on the screen but what belongs there', async () => {
  const python = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) % 256)';
  const shell = `trap : INT; "${process.execPath}" dist/cli/main.js lesson 7 --port 0; echo "status $?"`;
  const terminal = await start('python3', ['-c', python, 'sh', '-c', shell], { cwd: ROOT, env: { LC_ALL: 'C' } });
  await terminal.lines(3, /^Child \d+ accepting\.\.\.$/);
  terminal.stdin.write('\x03');
  await terminal.line(/^(\^C)?status 130$/);
  await terminal.closed;
  const lines = terminal.text.split('\r\n');
  expect(lines.filter((line) => !/^Child \d+ accepting\.\.\.$/.test(line))).toEqual([
    expect.stringMatching(/^# in another terminal: telnet localhost \d+$/),
    expect.stringMatching(/^(\^C)?status 130$/),
    '',
  ]);
});
