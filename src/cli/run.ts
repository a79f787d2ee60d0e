import { execve } from '../posix/index.js';
import { defineCommand, UsageError } from './command.js';
import { checkScript } from './script.js';

export const run = defineCommand({
  name: 'run',
  summary: 'Run a script of your own that forks, under this Node with what helps set',
  positionals: 'script.js [args…]',
  passThrough: true,
  options: {},
  run({ positionals: [script, ...args] }) {
    if (script === undefined) throw new UsageError("which script? 'prefork run script.js', its arguments after it");
    checkScript(script, 'script');
    // libuv's io_uring rings are memory that a forked child would share with its parent.
    const env = { ...process.env, UV_USE_IO_URING: '0' };
    // A name that begins with '-' would be a flag of Node's.
    const main = script.startsWith('-') ? `./${script}` : script;
    execve(process.execPath, [process.argv0, ...process.execArgv, main, ...args], env);
  },
});
