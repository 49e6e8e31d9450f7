import { defineConfig } from 'vitest/config';

const ROOMS = '{core,agent,server,app,components,cli,rulesets,prisma,e2e,bench}/**';
const ignored = ['**/node_modules/**', '**/.next/**'];

/** Four kinds of tests by file ending; `./eyrie test` runs them one after the other and adds Playwright. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${ROOMS}/*.test.{ts,tsx}`],
          exclude: [...ignored, '**/*.sensor.test.ts', '**/*.conformance.test.ts'],
          // Property tests are quick, but not on a machine that is busy with something else.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'conformance',
          include: [`${ROOMS}/*.conformance.test.ts`],
          exclude: ignored,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [`${ROOMS}/*.itest.ts`],
          exclude: ignored,
          globalSetup: ['server/testing/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each file has its own database; two at a time is what two cores carry.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'sensor',
          include: [`${ROOMS}/*.sensor.test.ts`],
          exclude: ignored,
          testTimeout: 60_000,
          hookTimeout: 180_000,
          // One kernel: bursts of one file would show in another's counters.
          fileParallelism: false,
        },
      },
    ],
  },
});
