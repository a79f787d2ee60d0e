// Standard output takes nothing, or its reader leaves: one line says so, or nothing, and the status tells.
import { expect, test } from 'vitest';
import { type Ended, type Running, start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { startDescribed } from '../status/described.js';

const CLI = 'dist/cli/main.js';
const CHECKED = 'test/fixtures/start/app.mjs';

/** Commands that print, with PID for the process id of a server. */
const COMMANDS = [
  'status PID',
  'status --json PID',
  'status --watch PID',
  'inspect PID',
  'inspect --json PID',
  'inspect --dot PID',
  'inspect --watch PID',
  'stop --help',
  '--help',
  '--version',
  'lesson',
  'lesson 8 --port 0',
  `check ${CHECKED}`,
];

async function run(command: string, redirection: string): Promise<{ ended: Ended; running: Running }> {
  const { pid } = command.includes('PID') ? await startDescribed() : { pid: 0 };
  const words = command.replace('PID', `${pid}`).split(' ');
  const running = await start('sh', ['-c', `"$0" ${CLI} "$@" ${redirection}`, process.execPath, ...words]);
  return { running, ended: await running.closed };
}

test.each(COMMANDS)('prefork %s >/dev/full: one line on standard error, status 1', async (command) => {
  const { running, ended } = await run(command, '>/dev/full');
  expect(running.stderr.text).toMatch(
    /^prefork: cannot write to standard output: [^\n]*ENOSPC: no space left on device[^\n]*; send it elsewhere\n$/,
  );
  expect(ended).toEqual({ code: 1, signal: null });
});

test.each(['status PID', 'inspect --json PID', 'status --watch PID', '--help', `check ${CHECKED}`])(
  'prefork %s | true: nothing is said',
  async (command) => {
    const { running } = await run(command, '| true');
    expect(running.text).toBe('');
  },
);

testWith('bash').each(['status PID', 'inspect --json PID', 'status --watch PID', '--help'])(
  'prefork %s | head -1: status 0',
  async (command) => {
    const { pid } = command.includes('PID') ? await startDescribed() : { pid: 0 };
    const script = `"$0" ${CLI} ${command.replace('PID', `${pid}`)} | head -1 >&2; echo "\${PIPESTATUS[0]}"`;
    const shell = await start('bash', ['-c', script, process.execPath]);
    await shell.stdout.line(/^0$/);
    expect(shell.stderr.text.match(/\n/g)).toHaveLength(1);
  },
);

testWith('python3').each(['status PID', 'status --watch PID', '--help'])(
  'prefork %s on a terminal that is gone: EIO, status 1',
  async (command) => {
    const { pid } = command.includes('PID') ? await startDescribed() : { pid: 0 };
    const python = `import os, pty, subprocess, sys
master, slave = pty.openpty()
os.close(master)
sys.exit(subprocess.call(sys.argv[1:], stdout=slave))`;
    const words = command.replace('PID', `${pid}`).split(' ');
    const terminal = await start('python3', ['-c', python, process.execPath, CLI, ...words]);
    expect(await terminal.closed).toEqual({ code: 1, signal: null });
    expect(terminal.stderr.text).toMatch(/^prefork: cannot write to standard output: [^\n]*EIO[^\n]*\n$/);
  },
);

test('inspect --svg names the file that cannot be written', async () => {
  const { running, ended } = await run('inspect --svg /dev/full PID', '');
  expect(running.stderr.text).toMatch(/^prefork: cannot write \/dev\/full: ENOSPC[^\n]*\n$/);
  expect(ended).toEqual({ code: 1, signal: null });
});

test.each(['2>/dev/full', '2>&-', '2>&1 | true'])(
  'an error that cannot be told (%s) is one all the same',
  async (to) => {
    const { running } = await run('status 4194305', `${to}; echo "status $?"`);
    expect(running.text).toBe(`status ${to.includes('|') ? 0 : 1}\n`);
  },
);
