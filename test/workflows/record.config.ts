import { defineConfig } from 'vitest/config';
import config from '../../vitest.config.ts';

/** For `npm run record-histories`: the same servers, and the one file that is no test of its own. */
export default defineConfig({ ...config, test: { ...config.test, include: ['test/workflows/record-histories.ts'] } });
