/** mallopt(3), M_ARENA_MAX. */
const ARENAS = 'MALLOC_ARENA_MAX';
const TUNABLE = /(^|:)glibc\.malloc\.arena_max=/;

/**
 * The variables by which the C library's allocator has one arena: what compilers and collectors need for a moment stays
 * in the arena of their thread, in each worker. None where the user has said how many there are.
 */
export function oneArena(env: NodeJS.ProcessEnv): Record<string, string> {
  const isSet = env[ARENAS] !== undefined || TUNABLE.test(env.GLIBC_TUNABLES ?? '');
  return isSet ? {} : { [ARENAS]: '1' };
}
