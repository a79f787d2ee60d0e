/** Absent from a Node that was built without it. */
const inspector = process.getBuiltinModule('inspector') as typeof import('node:inspector') | undefined;

/**
 * Closes, in the zygote, the port of --inspect: it served while the app was loaded. A process at rest answers no
 * debugger, its workers would share the port, and the zygote of a reload needs it.
 */
export function closeDebugger(): void {
  if (inspector?.url() !== undefined) inspector.close();
}

/** Where Node's inspector listens, by a socket that it keeps to itself: HOST:PORT. */
export function debuggersAddress(): string | undefined {
  const address = inspector?.url();
  return address === undefined ? undefined : new URL(address).host;
}

/** In a worker: where its debugger listens after SIGUSR1. Each slot has a port of its own, as in node:cluster. */
export function chooseDebugPort(slot: number): void {
  if (process.debugPort > 0) process.debugPort += 1 + slot;
}
