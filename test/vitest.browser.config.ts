import { defineConfig } from 'vitest/config';

/** Tests of the management UI in a real Chromium against the built server. */
export default defineConfig({
  test: {
    include: ['browser/**/*.test.ts'],
    globalSetup: ['support/servers/postgres.setup.ts', 'support/browser/chromium.setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 90_000,
    maxWorkers: 2,
  },
});
