import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,agent,desktop,scripts,bench}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'agent/test/**', 'desktop/test/**'],
          // No module of ours keeps state, so files share a thread; and tests mostly wait for disks and timers.
          pool: 'threads',
          isolate: false,
          maxWorkers: 4,
          // What hangs is found by it; how long something takes is measured by the benches.
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      { test: { name: 'scenarios', include: ['agent/test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'browser',
          include: ['desktop/test/**/*.test.ts'],
          globalSetup: ['desktop/test/build-console.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each file runs a fleet and a browser of its own.
          fileParallelism: false,
        },
      },
    ],
  },
});
