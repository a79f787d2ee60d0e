import { reportText } from '../fork-safety/check/report.js';
import { check as checkApp } from '../fork-safety/check/start.js';
import { Holds } from '../monitor/policy/holds.js';
import { duration, holdTargets } from '../settings/kinds.js';
import { checked, defineCommand, UsageError } from './command.js';
import { print } from './print.js';

const STATUS = { clean: 0, unsafe: 1, 'not loaded': 4 } as const;

export const check = defineCommand({
  name: 'check',
  summary: 'Look at what the workers of an app would share, and compare two',
  positionals: 'app.js [-- args…]',
  options: {
    json: { type: 'boolean', help: 'as JSON' },
    'spawn-timeout': {
      type: 'string',
      default: '30s',
      placeholder: 'time',
      help: 'how long the app may take to load',
    },
    preload: {
      type: 'string',
      multiple: true,
      placeholder: 'module',
      help: 'a module to load before the app; may be repeated',
    },
    'hold-connects': {
      type: 'string',
      multiple: true,
      placeholder: 'destination',
      help: 'which connects of the app wait for the fork, as for start; may be repeated (default: auto)',
    },
  },
  async run({ values, positionals: [app, ...args] }) {
    if (app === undefined) throw new UsageError("which app? 'prefork check app.js', its own arguments after '--'");
    const spawnTimeout = checked(duration({ zero: false }), '--spawn-timeout', values['spawn-timeout']);
    const held = checked(holdTargets, '--hold-connects', (values['hold-connects'] ?? []).join());
    const plan = new Holds(held).plan(1);
    const report = await checkApp(app, args, { spawnTimeout, preloadModules: values.preload ?? [], ...plan });
    await print(values.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
    return STATUS[report.verdict];
  },
});
