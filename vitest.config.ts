import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The histories that are replayed are recorded by the same means, when they are asked for.
    include: process.env['HOURLOOM_RECORD'] ? ['test/workflows/record-histories.ts'] : ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Real servers and processes: slow only where something hangs.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
