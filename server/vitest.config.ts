import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { LONGER } from '../test/support/property-runs.js';

const graphql = createRequire(import.meta.url).resolve('graphql/index.js');

/** Files that count fake timers, among which would be those that files before them have left. */
const FAKE_TIMERS = readdirSync(join(import.meta.dirname, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `src/${path}`)
  .filter((path) => readFileSync(join(import.meta.dirname, path), 'utf8').includes('useFakeTimers'));

/** Unit tests beside their subjects; what needs a database or the network is tested in `test/`. */
export default defineConfig({
  resolve: {
    // Without it vitest loads a second copy, for the ESM importers, and type-graphql refuses the first.
    alias: [{ find: /^graphql$/, replacement: graphql }],
  },
  test: {
    setupFiles: ['reflect-metadata', '../test/support/property-runs.setup.ts'],
    environment: 'node',
    // Hundreds of generated cases take seconds where many test files share two processors.
    testTimeout: 60_000 * LONGER,
    projects: [
      { extends: true, test: { name: 'fake timers', include: FAKE_TIMERS } },
      {
        extends: true,
        test: {
          name: 'others',
          include: ['src/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...FAKE_TIMERS],
          // No test here depends on state of a module, and files that share modules take a third of the time.
          isolate: false,
        },
      },
    ],
  },
});
