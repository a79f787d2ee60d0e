/** By how much this machine is slower than those that deadlines are meant for: PREFORK_SLOWNESS=30 in an emulator. */
export const SLOWNESS = Number(process.env.PREFORK_SLOWNESS ?? 1);
