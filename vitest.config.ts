import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const alias = { 'millrace/app': fileURLToPath(new URL('./src/app/api.ts', import.meta.url)) };

/** unit: needs nothing beyond Node. tidy: style rules. e2e: the running program from outside. long: full counts. */
const project = (name: string, include: string[], testTimeout: number) => ({
  resolve: { alias },
  test: {
    name,
    include,
    testTimeout,
    hookTimeout: testTimeout,
    pool: 'forks' as const,
    // Whole-program tests take the machine for themselves.
    ...(name === 'e2e' || name === 'long' ? { fileParallelism: false } : {}),
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', ['test/unit/**/*.test.ts'], 30_000),
      project('tidy', ['test/tidy/**/*.test.ts'], 30_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 300_000),
      project('long', ['test/long/**/*.test.ts'], 3_600_000),
    ],
  },
});
