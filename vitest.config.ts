import { defineConfig } from 'vitest/config';
import { SLOWNESS } from './stress/slowness.mjs';

export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/tell-missing.ts'],
    setupFiles: ['test/helpers/guard-kill.ts'],
    // Longer than any wait inside a test, so that what fails is the wait, which shows what it saw.
    testTimeout: 60_000 * SLOWNESS,
    hookTimeout: 60_000 * SLOWNESS,
  },
});
