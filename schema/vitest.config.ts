import { defineConfig } from 'vitest/config';

/** Unit tests beside their subjects; what needs the server is tested in `test/`. */
export default defineConfig({ test: { include: ['src/**/*.test.ts'], environment: 'node' } });
