import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    // No test depends on state of a module, and files that share modules take a fifth of the time.
    isolate: false,
  },
});
