import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';

/** Node's own, whatever the app sets in its place. */
export const { setFlagsFromString } = v8;

/** The flags of V8, on by default, that are turned off for a while. */
type Flag = 'flush-bytecode' | 'incremental-marking';
/** The flags that are off already: V8 cannot be asked which are. */
const off = new Set<string>();
note(process.execArgv.join(' '));

/** Takes note of the flags that the app sets by v8.setFlagsFromString(). To be called before the app is loaded. */
export function watchFlags(): void {
  v8.setFlagsFromString = (flags) => {
    setFlagsFromString(flags);
    note(flags);
  };
  syncBuiltinESMExports();
}

/** Calls a function while these flags are off; afterwards they are as they were before. */
export function withoutFlags(names: readonly Flag[], call: () => void): void {
  const on = names.filter((name) => !off.has(name));
  for (const name of on) setFlagsFromString(`--no-${name}`);
  try {
    call();
  } finally {
    for (const name of on) setFlagsFromString(`--${name}`);
  }
}

function note(flags: string): void {
  for (const flag of flags.replaceAll('_', '-').split(/\s+/)) {
    const [, no, name] = /^--?(no-?)?(flush-bytecode|incremental-marking)$/.exec(flag) ?? [];
    if (name === undefined) continue;
    if (no === undefined) off.delete(name);
    else off.add(name);
  }
}
