#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { debuglog } from 'node:util';
import { PreforkError } from '../errors.js';
import { nearest } from '../policy/nearest.js';
import { check } from './check.js';
import { type Command, type Options, UsageError } from './command.js';
import { compare } from './compare.js';
import { echo } from './echo.js';
import { explain } from './explain.js';
import { commandHelp, mainHelp } from './help.js';
import { inspect } from './inspect.js';
import { lesson } from './lesson.js';
import { HELP, parse } from './parse.js';
import { complain, print } from './print.js';
import { reload } from './reload.js';
import { run } from './run.js';
import { scale } from './scale.js';
import { start } from './start.js';
import { status } from './status.js';
import { stop } from './stop.js';

const COMMANDS: readonly Command[] = [start, status, inspect, reload, scale, stop, check, compare, echo, lesson, run];
const OPTIONS: Options = { version: { type: 'boolean', help: 'show the version' }, ...HELP };

async function main([name, ...args]: string[]): Promise<number | undefined> {
  if (name === undefined || name.startsWith('-')) {
    const { values } = parse({ options: OPTIONS }, name === undefined ? [] : [name, ...args]);
    return print(values.version ? `${version()}\n` : mainHelp(COMMANDS, OPTIONS));
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw unknownCommand(name);
  const input = parse(command, args);
  return input.values.help ? print(commandHelp(command)) : command.run(input);
}

function unknownCommand(name: string): UsageError {
  const names = COMMANDS.map((command) => command.name);
  const meant = nearest(name, names);
  return new UsageError(
    `unknown command '${name}'; ${meant ? `did you mean ${meant}?` : `there are ${names.join(', ')}`}`,
  );
}

function isUsageError(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof PreforkError && error.code === 'ERR_PREFORK_INVALID_OPTION');
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  debuglog('prefork')('%O', error);
  // At once, not through a stream: the process may be a forked child about to end.
  complain(explain(error));
  process.exitCode = isUsageError(error) ? 2 : 1;
}
