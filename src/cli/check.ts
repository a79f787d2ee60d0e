import { reportText } from '../app/check/report.js';
import { check as checkApp } from '../app/check/start.js';
import { defineCommand, integer, UsageError } from './command.js';
import { print } from './print.js';

const STATUS = { clean: 0, unsafe: 1, 'not loaded': 4 } as const;

export const check = defineCommand({
  name: 'check',
  summary: 'Look at what the workers of an app would share, and compare two',
  positionals: 'app.js [args…]',
  passThrough: true,
  options: {
    json: { type: 'boolean', help: 'as JSON' },
    'spawn-timeout': {
      type: 'string',
      default: '30',
      placeholder: 'seconds',
      help: 'how long the app may take to load',
    },
  },
  async run({ values, positionals: [app, ...args] }) {
    if (app === undefined) throw new UsageError("which app? 'prefork check app.js', its arguments after it");
    const timeout = integer('--spawn-timeout', values['spawn-timeout'], 1, 86_400) * 1000;
    const report = await checkApp(app, args, timeout);
    print(values.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
    return STATUS[report.verdict];
  },
});
