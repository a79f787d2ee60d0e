import { defineCommand } from './command.js';

export const run = defineCommand({
  name: 'run',
  summary: "Run a script of your own that forks, under this Node with what helps set",
  positionals: 'script.js [args…]',
  passThrough: true,
  options: {},
  run() {},
});
