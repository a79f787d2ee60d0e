interface Watch {
  close(): void;
}

/** Of all copies of this package in a process: prefork's programs have their own, and the app may fork by another. */
const KEY = Symbol.for('prefork.watches');
const open: Set<Watch> = Reflect.get(globalThis, KEY) ?? new Set<Watch>();
if (!Object.hasOwn(globalThis, KEY)) Object.defineProperty(globalThis, KEY, { value: open });

/** Has a watch of the event loop closed in forked children: what it tells of is the parent's. */
export function closeInChild(watch: Watch): void {
  open.add(watch);
}

export function forgetWatch(watch: Watch): void {
  open.delete(watch);
}

/** In a forked child. */
export function closeWatches(): void {
  for (const watch of open) watch.close();
}
