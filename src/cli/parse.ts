import { parseArgs } from 'node:util';
import { nearest } from '../policy/nearest.js';
import { type Command, type Option, type Options, UsageError } from './command.js';

export const HELP: Options = { help: { type: 'boolean', short: 'h', help: 'show this help' } };

export interface Parsed {
  readonly values: Record<string, string | boolean | undefined>;
  readonly positionals: string[];
}

/** A command's arguments by its table; `values.help` is true when help was asked for. @throws UsageError */
export function parse(
  command: Pick<Command, 'options' | 'positionals' | 'passThrough'>,
  args: readonly string[],
): Parsed {
  const options: Options = { ...command.options, ...HELP };
  const [own, rest] = command.passThrough ? splitAtPositional(args) : [args, []];
  // Not strict: Node's own messages are long, and cannot suggest what was meant.
  const { values, positionals, tokens } = parseArgs({
    args: [...own],
    options: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, nodeOption(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) if (token.kind === 'option') checkOption(token.rawName, token, options);
  const first = positionals[0];
  if (first !== undefined && command.positionals === undefined) throw new UsageError(`unexpected argument '${first}'`);
  return { values: values as Parsed['values'], positionals: [...positionals, ...rest] };
}

function nodeOption({ type, short, default: value }: Option) {
  return { type, ...(short !== undefined && { short }), ...(value !== undefined && { default: value }) };
}

function splitAtPositional(args: readonly string[]): [string[], string[]] {
  const end = args.findIndex((arg) => arg === '--' || !arg.startsWith('-'));
  if (end < 0) return [[...args], []];
  return [args.slice(0, end), args.slice(args[end] === '--' ? end + 1 : end)];
}

function checkOption(flag: string, token: { name: string; value?: string | undefined }, options: Options): void {
  const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
  if (option === undefined) {
    const meant = nearest(
      flag,
      Object.keys(options).map((name) => `--${name}`),
    );
    throw new UsageError(`unknown option ${flag}${meant ? `; did you mean ${meant}?` : ''}`);
  }
  if (option.type === 'boolean' && token.value !== undefined) throw new UsageError(`${flag} takes no value`);
  // '--port --echo' forgot the port; '--port -1' did not.
  if (option.type === 'string' && (token.value === undefined || /^-\D/.test(token.value))) {
    throw new UsageError(`${flag} needs a value: ${flag} <${option.placeholder ?? 'value'}>`);
  }
}
