import { join } from 'node:path';
import { defineConfig, devices } from '@playwright/test';
import { CHROMIUM } from './support/chromium.ts';
import { ARTIFACTS, HANDED } from './support/environment.ts';

const { defaultBrowserType: _, ...desktop } = devices['Desktop Chrome'];

/**
 * One product, one cluster, one worker: the specs tell one story and look at the same screens.
 * `sign-up` makes the people, `story` the data, `screens` looks at it from every side.
 */
export default defineConfig({
  testDir: import.meta.dirname,
  outputDir: join(ARTIFACTS, 'e2e'),
  globalSetup: join(import.meta.dirname, 'global-setup.ts'),
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env.CI === 'true',
  timeout: 120_000,
  expect: { timeout: 30_000 },
  use: {
    ...desktop,
    ...(process.env[HANDED.url] === undefined ? {} : { baseURL: process.env[HANDED.url] }),
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    // A trace takes a snapshot of the page at every step; on two busy cores the page then never catches up.
    trace: process.env.EYRIE_TRACE === '1' ? 'retain-on-failure' : 'off',
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    launchOptions: CHROMIUM,
  },
  projects: [
    { name: 'sign-up', testMatch: 'sign-up.spec.ts' },
    { name: 'story', testMatch: 'story.spec.ts', dependencies: ['sign-up'] },
    {
      name: 'rest',
      testMatch: ['roles.spec.ts', 'hostile.spec.ts'],
      dependencies: ['story'],
    },
    { name: 'screens', testMatch: 'screens.spec.ts', dependencies: ['story'] },
  ],
});
