import type { Locator, Page } from '@playwright/test';

/** The preview sheet of an action and the messages that follow it. */
export class ActionDialog {
  readonly root: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.root = page.getByRole('dialog');
  }

  /** Reads the preview until it is complete, gives a reason and confirms. */
  async confirm(title: string, reason: string): Promise<void> {
    await this.root.getByRole('heading', { name: title }).waitFor();
    await this.root.getByLabel('Reason, kept in the record').fill(reason);
    await this.root.getByRole('button', { name: title }).click();
    await this.root.waitFor({ state: 'detached' });
  }

  section(name: string): Locator {
    return this.root.locator('section').filter({ has: this.#page.getByRole('heading', { name }) });
  }

  /** A toast that tells a result. */
  toast(text: string | RegExp): Locator {
    return this.#page.getByRole('region', { name: /Result/ }).getByText(text);
  }
}
