import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';

/** Node's own, whatever the app sets in its place. */
export const { setFlagsFromString } = v8;

/** The flags of V8 that are set for a while, with what they are by default. */
const DEFAULTS = { 'flush-bytecode': true, 'incremental-marking': true, 'compact-on-every-full-gc': false };

type Flags = Readonly<Record<keyof typeof DEFAULTS, boolean>>;

/** What they are now by the user's flags and the app's calls: V8 cannot be asked for that. */
const known = { ...DEFAULTS };
const KNOWN = new RegExp(`^--?(no-?)?(${Object.keys(DEFAULTS).join('|')})$`);
note(process.execArgv.join(' '));

/** Takes note of the flags that the app sets by v8.setFlagsFromString(). To be called before the app is loaded. */
export function watchFlags(): void {
  v8.setFlagsFromString = (flags) => {
    setFlagsFromString(flags);
    note(flags);
  };
  syncBuiltinESMExports();
}

/** Calls a function while these flags are set so; afterwards they are as they were before. */
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
