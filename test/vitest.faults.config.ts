import { configDefaults, defineConfig } from 'vitest/config';
import { LONGER } from './support/property-runs.js';

const files = (...names: string[]): string[] => names.map((name) => `faults/${name}.test.ts`);

/** Files that measure time in seconds and mostly wait, so that they can run next to each other. */
const WAITING = files('database-away', 'frozen-process', 'lifecycle-model');
/** Files that measure less than a second, such as how long Redis may take to answer, or that need the whole machine. */
const ALONE = files(
  'concurrent-regenerates',
  'journal-disk-full',
  'overload',
  'revocation-everywhere',
  'shared-limits',
  'shared-nonces',
);

/**
 * Tests of the built server under kills, freezes, lost networks and full disks. The outcome of most does not depend on time: they
 * run next to other steps.
 */
export default defineConfig({
  test: {
    setupFiles: ['support/property-runs.setup.ts'],
    globalSetup: ['support/servers/postgres.setup.ts'],
    testTimeout: 120_000 * LONGER,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/server\/dist\//] } },
    // Concurrent tests of a file wait most of the time, but each starts servers.
    maxConcurrency: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'beside',
          include: ['faults/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...WAITING, ...ALONE],
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'waiting', include: WAITING, maxWorkers: 3, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
