/** What a decision needs to know of a worker. */
export interface ManagedProcess {
  readonly slot: number;
  readonly generation: number;
  readonly state: 'booting' | 'ready' | 'leaving';
}

/** The slots for which a worker of this generation is to be forked. */
export function emptySlots(children: readonly ManagedProcess[], workers: number, generation: number): number[] {
  const taken = children.filter((child) => child.state !== 'leaving' && child.generation === generation);
  return Array.from({ length: workers }, (_, slot) => slot).filter((slot) => !taken.some((one) => one.slot === slot));
}

/** Workers that a serving generation has made superfluous. */
export function superseded<Child extends ManagedProcess>(
  children: readonly Child[],
  workers: number,
  generation: number,
): Child[] {
  const isWanted = (child: ManagedProcess) => child.generation >= generation && child.slot < workers;
  return children.filter((child) => child.state !== 'leaving' && !isWanted(child));
}
