import { defineConfig } from 'vitest/config';
import { LONGER } from './support/property-runs.js';

/** Tests of the API against the built server and a real PostgreSQL. */
export default defineConfig({
  test: {
    include: ['api/**/*.test.ts'],
    setupFiles: ['support/property-runs.setup.ts'],
    globalSetup: ['support/servers/postgres.setup.ts'],
    testTimeout: 30_000 * LONGER,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/server\/dist\//] } },
    maxWorkers: 2,
    // No test depends on state of a module, and files that share modules take a fifth less of the CPU.
    isolate: false,
    // Its warnings concern production use.
    onConsoleLog: (log) => !log.startsWith('oidc-provider WARNING'),
  },
});
