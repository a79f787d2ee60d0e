import { expect, test } from 'vitest';
import { oneArena } from '../../../../src/monitor/policy/allocator.js';

test('one arena, unless the user has said how many', () => {
  expect(oneArena({ PATH: '/bin' })).toEqual({ MALLOC_ARENA_MAX: '1' });
  expect(oneArena({ MALLOC_ARENA_MAX: '4' })).toEqual({});
  expect(oneArena({ GLIBC_TUNABLES: 'glibc.malloc.check=1:glibc.malloc.arena_max=2' })).toEqual({});
  expect(oneArena({ GLIBC_TUNABLES: 'glibc.malloc.check=1' })).toEqual({ MALLOC_ARENA_MAX: '1' });
});
