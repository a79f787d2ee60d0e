import { PreforkError, type PreforkErrorCode } from '../errors.js';
import { type StartContext, takeContext } from '../monitor/start-context.js';
import { importModule } from '../node/import-module.js';
import { whyNoFork } from '../posix/binding.js';
import { flagOf, logicalCwd, NAMES, type Row, resolveSettings, TABLE, variableOf } from '../settings/index.js';
import { codeUrl } from '../util/package-files.js';
import { defineCommand, type Option, type Options, UsageError } from './command.js';
import { checkScript } from './script.js';

type WithoutFork = typeof import('../without-fork/start.js');

export const start = defineCommand({
  name: 'start',
  summary: 'Load an app once, fork workers from it, and keep them serving',
  positionals: 'app.js [-- args…]',
  anywhere: true,
  options: options(),
  notes: [
    "What follows '--' goes to the app.",
    `Each may also be a variable, such as ${variableOf('workers')} or ${variableOf('maxMemory')}, or stand in the config`,
    "file by its name, such as 'workers' or 'maxMemory'. A flag goes before a variable, a variable before the file.",
    'A reload reads the file again.',
    'A time is in seconds unless it says ms, m, h or d; as a number in the config file it is in milliseconds.',
  ].join('\n'),
  async run({ values, positionals: [app, ...args] }, early) {
    if (app === undefined) throw new UsageError("which app? 'prefork start app.js', its own arguments after '--'");
    // First: it may execute this process anew.
    const context = await contextOrWhyNot();
    const startedIn = logicalCwd(process.env.PWD);
    // The variables are those of the start at each reload, too.
    const options = context instanceof PreforkError ? undefined : context.options;
    const sources = { app, args, flags: values, options, env: { ...process.env }, startedIn };
    const settings = resolveSettings(sources);
    const folder = settings.cwd ?? startedIn;
    checkScript(app, 'app', folder);
    const readSettings = () => resolveSettings(sources);
    if (context instanceof PreforkError) {
      const { runWithoutFork } = (await importModule(codeUrl('without-fork/start.js'))) as WithoutFork;
      return runWithoutFork({ settings, folder, readSettings, reason: context });
    }
    // Not before it is needed: the other commands do without the addon.
    const { runMonitor } = await import('../monitor/start.js');
    return runMonitor({ settings, folder, readSettings, context, early });
  },
});

/** Where fork is possible, once that is mended. */
const MENDABLE: readonly PreforkErrorCode[] = ['ERR_PREFORK_NOT_BUILT', 'ERR_PREFORK_PROC'];

/** @returns how this process came to be a monitor, or why it cannot be one */
async function contextOrWhyNot(): Promise<StartContext | PreforkError> {
  const noFork = whyNoFork();
  if (noFork === undefined) return (await import('../monitor/bare-node.js')).becomeBare();
  // serve() is told why there is no server. Where fork is possible, a service is not to run without it by mistake.
  if (takeContext()?.options || MENDABLE.includes(noFork.code)) throw noFork;
  return noFork;
}

function options(): Options {
  const config: Option = {
    type: 'string',
    short: 'c',
    placeholder: 'file',
    help: 'the config file (default: prefork.config.json, .mjs or .js, if there is one)',
  };
  const entries = NAMES.map((name) => [flagOf(name), optionOf(TABLE[name])]);
  return { ...Object.fromEntries(entries), config };
}

function optionOf(row: Row<unknown>): Option {
  const { kind, short, help } = row;
  const { placeholder, item } = kind;
  return {
    type: placeholder === undefined ? 'switch' : 'string',
    ...(item && { multiple: true }),
    ...(short !== undefined && { short }),
    ...(placeholder !== undefined && { placeholder }),
    help: `${help}${item ? '; may be repeated' : ''}${defaultOf(row)}`,
  };
}

function defaultOf({ kind, default: value, byDefault }: Row<unknown>): string {
  const isPlain = value === undefined || typeof value === 'boolean' || Array.isArray(value);
  const shown = byDefault ?? (isPlain ? undefined : kind.write(value));
  return shown === undefined ? '' : ` (default: ${shown})`;
}
