// Standard input and output work in a child whatever they are, and whether its parent has used them or not.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { endOf, TIMEOUT } from '../../fixtures/fork/harness.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';

const RUN = `${process.execPath} ${join(import.meta.dirname, '../../fixtures/fork/run.mjs')} stdio inputToOutput`;

/** What the shell connects the streams to. All that the process writes appears on the shell's own output. */
const connections = {
  pipes: `cat in | ${RUN} 2>&1 | cat`,
  files: `${RUN} <in >out 2>err; cat out err`,
  'one file for both': `${RUN} <in >out 2>&1; cat out`,
  '/dev/null': `${RUN} </dev/null 2>/dev/null`,
};

const terminal = `script --quiet --return --command '${RUN}' /dev/null <in`;

describe.each(['bare', 'talking'])('%s parent', (parent) => {
  const worksOn = async (command: string) => {
    const shownWith = async (forks: number) => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'in'), 'from standard input\n');
      const env = { FORKS: `${forks}`, PARENT: parent, STATUS: join(cwd, 'status'), NODE_OPTIONS: '' };
      const shell = await start('sh', ['-c', command], { env, cwd, group: true });
      expect(await endOf(shell)).toEqual({ code: 0, signal: null });
      return shell.text;
    };
    const [fresh, forked, twice] = await Promise.all([shownWith(0), shownWith(1), shownWith(2)]);
    expect(fresh).toMatch(/\[(true|false),(true|false),(true|false)\]/);
    expect(forked).toBe(fresh);
    expect(twice).toBe(fresh);
  };
  test.each(Object.entries(connections))('%s', { timeout: TIMEOUT }, (_, command) => worksOn(command));
  testWith('script')('a terminal', { timeout: TIMEOUT }, () => worksOn(terminal));
});
