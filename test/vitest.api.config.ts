import { defineConfig } from 'vitest/config';

/** Tests of the API against the built server and a real PostgreSQL. */
export default defineConfig({
  test: {
    include: ['api/**/*.test.ts'],
    globalSetup: ['support/servers/postgres.setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/server\/dist\//] } },
    maxWorkers: 2,
    // Its warnings concern production use.
    onConsoleLog: (log) => !log.startsWith('oidc-provider WARNING'),
  },
});
