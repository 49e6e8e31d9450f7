import type { Locator, Page } from '@playwright/test';

export class NodesPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(): Promise<void> {
    await this.#page.goto('/nodes');
  }

  row(node: string): Locator {
    return this.#page.getByRole('row').filter({ hasText: node });
  }
}
