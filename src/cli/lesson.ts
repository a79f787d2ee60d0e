import { defineCommand } from './command.js';

export const lesson = defineCommand({
  name: 'lesson',
  summary: "List the lessons on the road to a prefork server, or run one of them",
  positionals: '[N]',
  options: {},
  run() {},
});
