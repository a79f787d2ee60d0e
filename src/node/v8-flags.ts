import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';

/** Node's own. */
export const { setFlagsFromString } = v8;

/** Those of V8's flags, on by default, that are turned off for a while. */
type Flag = 'flush-bytecode' | 'incremental-marking';
/** Which are off already: V8 cannot be asked for that. */
const off = new Set<string>();
note(process.execArgv.join(' '));

/** Heeds what the app says by v8.setFlagsFromString(). To be called before the app is loaded. */
export function watchFlags(): void {
  v8.setFlagsFromString = (flags) => {
    setFlagsFromString(flags);
    note(flags);
  };
  syncBuiltinESMExports();
}

/** Calls while these flags are off, which are afterwards as they were before. */
export function withoutFlags(names: readonly Flag[], call: () => void): void {
  const on = names.filter((name) => !off.has(name));
  for (const name of on) setFlagsFromString(`--no-${name}`);
  call();
  for (const name of on) setFlagsFromString(`--${name}`);
}

function note(flags: string): void {
  for (const flag of flags.replaceAll('_', '-').split(/\s+/)) {
    const [, no, name] = /^--?(no-?)?(flush-bytecode|incremental-marking)$/.exec(flag) ?? [];
    if (name === undefined) continue;
    if (no === undefined) off.delete(name);
    else off.add(name);
  }
}
