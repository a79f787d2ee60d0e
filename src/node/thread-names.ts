const NAME = /^Worker (\d+)$/;

/** The name of the thread that a Worker of an app runs in; threads that native code starts there inherit it. */
export function threadNameOf(workerId: number): string {
  return `Worker ${workerId}`;
}

/** What newer Nodes call a Worker's thread, of which the kernel keeps 15 bytes. @param name the Worker's, if it has one */
export function nodesThreadName(name = 'WorkerThread'): string {
  return Buffer.from(name).subarray(0, 15).toString().trim();
}

/** The Worker's `threadId`, by such a name. */
export function workerIdIn(name: string): number | undefined {
  const id = NAME.exec(name)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** How many threads beside its own each Worker has, by its id: those of native code. */
export function surplusThreads(names: readonly string[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const name of names) {
    const id = workerIdIn(name);
    if (id !== undefined) counts.set(id, (counts.get(id) ?? -1) + 1);
  }
  return new Map([...counts].filter(([, surplus]) => surplus > 0));
}
