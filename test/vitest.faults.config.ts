import { configDefaults, defineConfig } from 'vitest/config';
import { LONGER } from './support/property-runs.js';

/** Files whose outcome does not depend on time, so that they can run next to other steps. */
const BESIDE = [
  'access-went-back',
  'database-refuses',
  'database-went-back',
  'local-verifier-went-back',
  'route-rules-went-back',
  'unfit-redis',
  'usage-after-restore',
].map((name) => `faults/${name}.test.ts`);

/** Tests of the built server under kills, freezes, lost networks and full disks. One file at a time, as they share two cores. */
export default defineConfig({
  test: {
    setupFiles: ['support/property-runs.setup.ts'],
    globalSetup: ['support/servers/postgres.setup.ts'],
    testTimeout: 120_000 * LONGER,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/server\/dist\//] } },
    maxWorkers: 1,
    projects: [
      { extends: true, test: { name: 'beside', include: BESIDE } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['faults/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...BESIDE],
        },
      },
    ],
  },
});
