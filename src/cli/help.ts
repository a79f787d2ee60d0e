import type { Command, Options } from './command.js';
import { HELP } from './parse.js';

export function commandHelp(command: Command): string {
  const usage = ['prefork', command.name, '[options]', command.positionals].filter(Boolean).join(' ');
  const notes = command.notes === undefined ? '' : `\n${command.notes}\n`;
  return `Usage: ${usage}\n\n${command.summary}\n\nOptions:\n${optionRows({ ...command.options, ...HELP })}\n${notes}`;
}

export function mainHelp(commands: readonly Command[], options: Options): string {
  const rows = columns(commands.map(({ name, summary }) => [name, summary]));
  const more = "'prefork <command> --help' says more about one.";
  return `Usage: prefork <command> [options]\n\nCommands:\n${rows}\n\nOptions:\n${optionRows(options)}\n\n${more}\n`;
}

function optionRows(options: Options): string {
  return columns(
    Object.entries(options).map(([name, { short, type, placeholder = 'value', help, default: value }]) => [
      `${short === undefined ? '    ' : `-${short}, `}--${name}${type === 'string' ? ` <${placeholder}>` : ''}`,
      typeof value === 'string' ? `${help} (default: ${value})` : help,
    ]),
  );
}

function columns(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
