import type { Locator, Page } from '@playwright/test';

const TILE_LABELS = {
  auth_failures: 'Auth failures',
  rbac_denials: 'RBAC denials',
  psa_violations: 'PSA violations',
  rule_hits: 'Rule hits',
  secret_reads: 'Secret reads',
  exec_sessions: 'Exec sessions',
} as const;
export type Tile = keyof typeof TILE_LABELS;

export class OverviewPage {
  readonly #page: Page;
  readonly openIncidents: Locator;
  readonly liveFeed: Locator;
  readonly attention: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.openIncidents = page.getByRole('region', { name: 'Open incidents' });
    this.liveFeed = page.getByRole('region', { name: 'Live feed' });
    this.attention = page.getByRole('region', { name: 'Active incident' });
  }

  async open(): Promise<void> {
    await this.#page.goto('/');
    await this.tile('auth_failures').waitFor();
  }

  tile(tile: Tile): Locator {
    const figures = this.#page.getByRole('region', { name: 'Key figures' });
    return figures.getByRole('link', { name: new RegExp(`^${TILE_LABELS[tile]}`, 'i') });
  }

  /** The number that the tile shows. */
  async count(tile: Tile): Promise<number> {
    // The tile's text runs label, number and change together; its class tells the number apart.
    const text = (await this.tile(tile).locator('.v').textContent()) ?? '';
    if (!/^[\d,]+$/.test(text)) throw new Error(`the tile shows "${text}", which is no number`);
    return Number(text.replaceAll(',', ''));
  }
}
