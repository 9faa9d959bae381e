import { defineConfig } from 'vitest/config';
import { LONGER } from '../test/support/property-runs.js';

/** Unit tests beside their subjects; what needs the server is tested in `test/`. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    setupFiles: ['../test/support/property-runs.setup.ts'],
    environment: 'node',
    // No test depends on state of a module, and files that share modules take half the time.
    isolate: false,
    // Hundreds of generated cases take seconds where steps share two processors.
    testTimeout: 60_000 * LONGER,
  },
});
