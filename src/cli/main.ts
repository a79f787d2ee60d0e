#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { debuglog } from 'node:util';
import { EarlyZygote } from '../monitor/early-zygote.js';
import { binding } from '../posix/binding.js';
import { replaceLostTerminals } from '../posix/lost-terminals.js';
import { endWithStarter } from '../posix/starter.js';
import { nearest } from '../util/nearest.js';
import { packageFile } from '../util/package-files.js';
import { type Command, type Options, UsageError } from './command.js';
import { explain } from './explain.js';
import { commandHelp, mainHelp } from './help.js';
import { HELP, parse } from './parse.js';
import { complain, print } from './print.js';

const require = createRequire(import.meta.url);

/** Each is loaded when it is needed: together they take longer than Node does to start. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => startProgram().start,
  status: async () => (await import('./status.js')).status,
  inspect: async () => (await import('./inspect.js')).inspect,
  view: async () => (await import('./view.js')).view,
  reload: async () => (await import('./reload.js')).reload,
  scale: async () => (await import('./scale.js')).scale,
  stop: async () => (await import('./stop.js')).stop,
  check: async () => (await import('./check.js')).check,
  compare: async () => (await import('./compare.js')).compare,
  echo: async () => (await import('./echo.js')).echo,
  lesson: async () => (await import('./lesson.js')).lesson,
  run: async () => (await import('./run.js')).run,
};
const OPTIONS: Options = { version: { type: 'boolean', help: 'show the version' }, ...HELP };

async function main([name, ...args]: string[]): Promise<number | undefined> {
  endWithStarter();
  if (name === undefined || name.startsWith('-')) {
    const { values } = parse({ options: OPTIONS }, name === undefined ? [] : [name, ...args]);
    return print(values.version ? `${version()}\n` : mainHelp(await allCommands(), OPTIONS));
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) throw unknownCommand(name);
  const early = name === 'start' ? EarlyZygote.start(args) : undefined;
  try {
    return await runCommand(await load(), args, early);
  } finally {
    early?.discard();
  }
}

function runCommand(command: Command, args: string[], early: EarlyZygote | undefined): ReturnType<Command['run']> {
  const input = parse(command, args);
  if (input.values.help) return print(commandHelp(command));
  // Without it they would fail at whatever they miss first, such as a file in /proc.
  if (!command.anywhere) binding();
  return command.run(input, early);
}

/** A program that is one file, with its compiled code. */
function startProgram(): typeof import('./start.js') {
  const { load } = require('../node/program.cjs') as typeof import('../node/program.cjs');
  return load(fileURLToPath(new URL('start.cjs', import.meta.url))) as typeof import('./start.js');
}

function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

function unknownCommand(name: string): UsageError {
  const names = Object.keys(COMMANDS);
  const meant = nearest(name, names);
  return new UsageError(
    `unknown command '${name}'; ${meant ? `did you mean ${meant}?` : `there are ${names.join(', ')}`}`,
  );
}

/** By what they say of themselves: the bundle of a command has its own copies of these classes. */
function isUsageError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code } = error as NodeJS.ErrnoException;
  return name === 'UsageError' || (name === 'PreforkError' && code === 'ERR_PREFORK_INVALID_OPTION');
}

function version(): string {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  debuglog('prefork')('%O', error);
  // At once, not through a stream: the process may be a forked child about to end.
  complain(explain(error));
  process.exitCode = isUsageError(error) ? 2 : 1;
}
replaceLostTerminals();
