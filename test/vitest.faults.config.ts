import { defineConfig } from 'vitest/config';

/** Tests of the built server under kills, freezes, lost networks and full disks. One file at a time, as they share two cores. */
export default defineConfig({
  test: {
    include: ['faults/**/*.test.ts'],
    globalSetup: ['support/servers/postgres.setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/server\/dist\//] } },
    maxWorkers: 1,
  },
});
