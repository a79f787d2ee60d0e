import type { Command } from './command.js';

export const echo: Command = {
  name: 'echo',
  summary: 'Run the finished prefork echo server',
  options: {},
  run() {},
};
