import { defineConfig } from 'vitest/config';

/** Promises of the API, kept against the built server and a real PostgreSQL. */
export default defineConfig({
  test: {
    include: ['api/**/*.test.ts'],
    globalSetup: ['support/postgres.setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // What it has to say is about running it in production.
    onConsoleLog: (log) => !log.startsWith('oidc-provider WARNING'),
  },
});
