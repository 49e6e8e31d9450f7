import type { Download, Locator, Page } from '@playwright/test';

/** The sheet that previews a command to an agent and then follows it. */
export class CommandDialog {
  readonly root: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.root = page.getByRole('dialog');
  }

  section(name: string): Locator {
    return this.root.locator('section').filter({ has: this.#page.getByRole('heading', { name }) });
  }

  /** Gives a reason and confirms by keyboard; the same sheet then shows the progress. */
  async ask(reason: string): Promise<void> {
    const field = this.root.getByLabel('Reason, kept in the record');
    await field.fill(reason);
    // The sheet takes no confirmation in its first moments.
    await this.root.getByRole('button', { name: 'Process snapshot', disabled: false }).waitFor();
    await field.press('Control+Enter');
    await field.waitFor({ state: 'detached' });
  }

  async download(): Promise<Download> {
    const download = this.#page.waitForEvent('download');
    await this.root.getByRole('link', { name: 'Download' }).click();
    return download;
  }
}
