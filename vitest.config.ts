import { defineConfig } from 'vitest/config';
import { SLOWNESS } from './stress/slowness.mjs';

const GUARD_KILL = 'test/helpers/guard-kill.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/helpers/tell-missing.ts'],
    // Longer than any wait inside a test, so that what fails is the wait, which shows what it saw.
    testTimeout: 60_000 * SLOWNESS,
    hookTimeout: 60_000 * SLOWNESS,
    projects: [
      // Decisions, parsers and texts: no process, no socket.
      project('unit', [GUARD_KILL, 'test/helpers/guard-unit.ts']),
      // The addon's functions, one by one: also under sanitizers.
      project('native', [GUARD_KILL]),
      // The built program, as its users start it.
      project('integration', [GUARD_KILL]),
    ],
  },
});

function project(name: string, setupFiles: string[]) {
  return { extends: true as const, test: { name, include: [`test/${name}/**/*.test.ts`], setupFiles } };
}
