import { parseArgs } from 'node:util';
import { nearest } from '../util/nearest.js';
import { type Command, type Option, type Options, UsageError } from './command.js';

export const HELP: Options = { help: { type: 'boolean', short: 'h', help: 'show this help' } };

export interface Parsed {
  readonly values: Record<string, string | boolean | string[] | undefined>;
  readonly positionals: string[];
}

/** A command's arguments by its table; `values.help` is true when help was asked for. @throws UsageError */
export function parse(
  command: Pick<Command, 'options' | 'positionals' | 'passThrough'>,
  args: readonly string[],
): Parsed {
  const options: Options = { ...command.options, ...HELP };
  const [own, rest] = command.passThrough ? splitAtPositional(args, options) : [args, []];
  const { values, positionals, tokens } = tokenize(own, options);
  for (const token of tokens) if (token.kind === 'option') checkOption(token, options);
  const first = positionals[0];
  if (first !== undefined && command.positionals === undefined) throw new UsageError(`unexpected argument '${first}'`);
  return { values: values as Parsed['values'], positionals: [...positionals, ...rest] };
}

function tokenize(args: readonly string[], options: Options) {
  // Not strict: Node's own messages are long, and cannot suggest what was meant.
  return parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, nodeOption(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
}

function nodeOption({ type, short, multiple = false, default: value }: Option) {
  return {
    type: type === 'string' ? type : ('boolean' as const),
    multiple,
    ...(short !== undefined && { short }),
    ...(value !== undefined && { default: value }),
  };
}

function splitAtPositional(args: readonly string[], options: Options): [readonly string[], readonly string[]] {
  const end = tokenize(args, options).tokens.find(({ kind }) => kind !== 'option');
  if (end === undefined) return [args, []];
  return [args.slice(0, end.index), args.slice(end.kind === 'positional' ? end.index : end.index + 1)];
}

type OptionToken = Extract<ReturnType<typeof tokenize>['tokens'][number], { kind: 'option' }>;

function checkOption(token: OptionToken, options: Options): void {
  const { rawName: flag, value, inlineValue } = token;
  const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
  if (option === undefined) {
    const meant = nearest(
      flag,
      Object.keys(options).map((name) => `--${name}`),
    );
    throw new UsageError(`unknown option ${flag}${meant ? `; did you mean ${meant}?` : ''}`);
  }
  if (option.type === 'boolean' && value !== undefined) throw new UsageError(`${flag} takes no value`);
  // '--port --echo' forgot the port; '--port -1' and '--port=--echo' did not.
  if (option.type === 'string' && (value === undefined || (!inlineValue && /^-\D/.test(value)))) {
    throw new UsageError(`${flag} needs a value: ${flag} <${option.placeholder ?? 'value'}>`);
  }
}
