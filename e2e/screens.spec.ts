import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { commandPageSchema } from '../core/wire/commands.ts';
import { incidentPageSchema } from '../core/wire/incidents.ts';
import type { ApiClient } from './support/api-client.ts';
import { ARTIFACTS } from './support/environment.ts';
import { expect, type Page, test } from './support/fixtures.ts';

const WIDTHS = [1440, 1024, 390] as const;
const THEMES = ['light', 'dark'] as const;
const FOLDER = join(ARTIFACTS, 'screens');
const SETTLE_MS = 15_000;

type Screen = {
  readonly name: string;
  readonly path: (api: ApiClient) => Promise<string>;
  /** What is opened on the page once its data is there. */
  readonly open?: (page: Page) => Promise<void>;
  /** Words that stand there only once the data is there: an empty page is accessible and fits, too. */
  readonly shows: RegExp;
};
const SCREENS: readonly Screen[] = [
  {
    name: 'overview',
    path: async () => '/',
    open: (page) =>
      page
        .getByRole('img', { name: /events by source/ })
        .locator('svg')
        .first()
        .waitFor(),
    shows: /Read sensitive file[\s\S]*checkout-api/,
  },
  { name: 'events', path: async () => '/events', shows: /Read sensitive file/ },
  { name: 'event-panel', path: eventPath, shows: /Process ancestry[\s\S]*Stored record/ },
  { name: 'incidents', path: async () => '/incidents', shows: /INC-\d+/ },
  { name: 'incident', path: incidentPath, shows: /INC-\d+[\s\S]*Timeline[\s\S]*by kubectl exec of alice/ },
  { name: 'nodes', path: async () => '/nodes', shows: /node1/ },
  { name: 'agents', path: async () => '/agents', shows: /node1/ },
  {
    name: 'agent',
    path: async () => '/agents',
    open: (page) => page.getByRole('button', { name: 'Show details of node1' }).click(),
    shows: /Preflight[\s\S]*Counters since the start/,
  },
  {
    name: 'responses',
    path: async () => '/responses',
    shows: /Release pod[\s\S]*checkout-api-[\s\S]*On demand[\s\S]*Process snapshot[\s\S]*Done/,
  },
  { name: 'settings', path: async () => '/settings', shows: /@/ },
  { name: 'dialog', path: dialogPath, shows: /Blast radius/ },
  {
    name: 'collect-menu',
    path: eventPath,
    open: (page) => page.getByRole('button', { name: 'Collect…' }).click(),
    shows: /Kill process tree…[\s\S]*Node node1/,
  },
  { name: 'collect', path: collectPath, shows: /Where and how much[\s\S]*Undo/ },
  { name: 'command', path: commandPath, shows: /Done[\s\S]*SHA-256/ },
  {
    name: 'events-examined',
    path: async () => `/events?q=${encodeURIComponent('b64(proc.cmdline) contains cat')}`,
    shows: /events examined/,
  },
];

test.use({ person: 'admin' });

for (const screen of SCREENS) {
  for (const theme of THEMES) {
    test(`${screen.name} in the ${theme} theme is accessible and fits every width`, async ({ api, page }) => {
      mkdirSync(FOLDER, { recursive: true });
      const path = await screen.path(api);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      const violations: unknown[] = [];
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
        await page.goto(path);
        await screen.open?.(page);
        await settle(page, screen.shows);
        await page.screenshot({ path: join(FOLDER, `${screen.name}-${theme}-${width}.png`) });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect.soft(overflow, `horizontal scroll at ${width}`).toBeLessThanOrEqual(0);
        const { violations: found } = await new AxeBuilder({ page }).analyze();
        violations.push(
          ...found.map(({ id, nodes }) => ({
            width,
            id,
            where: nodes.map(({ target }) => target.join(' ')).slice(0, 4),
          })),
        );
      }
      expect(violations).toEqual([]);
    });
  }
}

/** Done when the data is there and nothing says it is loading; live pages never fall silent on the network. */
async function settle(page: Page, shows: RegExp): Promise<void> {
  await expect(page.locator('body')).toContainText(shows);
  await expect(page.locator('.sk:visible')).toHaveCount(0, { timeout: SETTLE_MS });
  await page.evaluate(() => document.fonts.ready);
}

async function eventPath(api: ApiClient): Promise<string> {
  const [row] = await api.events({ namespace: 'shop', source: 'syscall' }, 'fd.name=/etc/shadow');
  if (row === undefined) throw new Error('no event of the story');
  return `/events?ev=${encodeURIComponent(`${row.id}@${row.time}`)}`;
}

async function incidentPath(api: ApiClient): Promise<string> {
  const { rows } = await api.get(incidentPageSchema, '/api/v1/incidents');
  const row = rows.find(({ entities }) => entities.some(({ name }) => name.includes('checkout-api')));
  if (row === undefined) throw new Error('no incident of the story');
  return `/incidents/${row.id}`;
}

async function dialogPath(api: ApiClient): Promise<string> {
  const [row] = await api.events({ namespace: 'shop', source: 'syscall' }, 'fd.name=/etc/shadow');
  if (row?.pod == null) throw new Error('no event of the story');
  return `/events?preview=cordon&target=node/${row.node}`;
}

async function collectPath(api: ApiClient): Promise<string> {
  const [row] = await api.events({ namespace: 'shop', source: 'syscall' }, 'fd.name=/etc/shadow');
  if (row?.pod == null) throw new Error('no event of the story');
  return `/events?command=record_capture&on=pod/shop/${row.pod}`;
}

async function commandPath(api: ApiClient): Promise<string> {
  const { rows } = await api.get(commandPageSchema, '/api/v1/commands');
  const done = rows.find(({ state, artifact }) => state === 'done' && artifact !== null);
  if (done === undefined) throw new Error('no finished command of the story');
  return `/responses?run=${done.id}`;
}
