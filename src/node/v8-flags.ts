import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';

/** Node's own. */
export const { setFlagsFromString } = v8;

/** Those of V8's flags that are set for a while, with what they are by default. */
const DEFAULTS = { 'flush-bytecode': true, 'incremental-marking': true, 'compact-on-every-full-gc': false };

type Flags = Readonly<Record<keyof typeof DEFAULTS, boolean>>;

/** What they are by the user's word: V8 cannot be asked for that. */
const known = { ...DEFAULTS };
const KNOWN = new RegExp(`^--?(no-?)?(${Object.keys(DEFAULTS).join('|')})$`);
note(process.execArgv.join(' '));

/** Heeds what the app says by v8.setFlagsFromString(). To be called before the app is loaded. */
export function watchFlags(): void {
  v8.setFlagsFromString = (flags) => {
    setFlagsFromString(flags);
    note(flags);
  };
  syncBuiltinESMExports();
}

/** Calls while these flags are so, which are afterwards as they were before. */
export function withFlags<T>(flags: Partial<Flags>, call: () => T): T {
  const other = (Object.keys(flags) as (keyof Flags)[]).filter((name) => flags[name] !== known[name]);
  for (const name of other) set(name, !known[name]);
  try {
    return call();
  } finally {
    for (const name of other) set(name, known[name]);
  }
}

function set(name: keyof Flags, on: boolean): void {
  setFlagsFromString(on ? `--${name}` : `--no-${name}`);
}

function note(flags: string): void {
  for (const flag of flags.replaceAll('_', '-').split(/\s+/)) {
    const [, no, name] = KNOWN.exec(flag) ?? [];
    if (name !== undefined) known[name as keyof Flags] = no === undefined;
  }
}
