import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';
import { LONGER } from '../test/support/property-runs.js';

const graphql = createRequire(import.meta.url).resolve('graphql/index.js');

/** Unit tests beside their subjects; what needs a database or the network is tested in `test/`. */
export default defineConfig({
  resolve: {
    // Without it vitest loads a second copy, for the ESM importers, and type-graphql refuses the first.
    alias: [{ find: /^graphql$/, replacement: graphql }],
  },
  test: {
    include: ['src/**/*.test.ts'],
    setupFiles: ['reflect-metadata', '../test/support/property-runs.setup.ts'],
    environment: 'node',
    // Hundreds of generated cases take seconds where many test files share two processors.
    testTimeout: 60_000 * LONGER,
  },
});
