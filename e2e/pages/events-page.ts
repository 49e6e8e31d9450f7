import type { Locator, Page } from '@playwright/test';

/** The Events page with its list and the side panel of one event. */
export class EventsPage {
  readonly #page: Page;
  readonly table: Locator;
  readonly panel: Locator;
  readonly query: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.table = page.getByRole('grid', { name: 'Events, newest first' });
    this.panel = page.getByRole('complementary', { name: 'Event detail' });
    this.query = page.getByRole('combobox', { name: 'Filter query' });
  }

  /** Opens the list by facets and Falco filter. */
  async open(facets: Readonly<Record<string, string>> = {}, q = ''): Promise<void> {
    const params = new URLSearchParams();
    if (q !== '') params.set('q', q);
    for (const [key, value] of Object.entries(facets)) params.append(`f.${key}`, value);
    await this.#page.goto(`/events?${params}`);
  }

  /** Data rows that are drawn, newest first; the head is a row without cells. */
  rows(text?: string | RegExp): Locator {
    const rows = this.table.getByRole('row').filter({ has: this.#page.getByRole('gridcell') });
    return text === undefined ? rows : rows.filter({ hasText: text });
  }

  /** The total in the list's head. */
  async total(): Promise<number> {
    const text = await this.#page
      .getByText(/^(More than )?[\d,]+ events$/)
      .first()
      .textContent();
    return Number((text ?? '').replaceAll(/\D/g, ''));
  }

  async openEvent(event: { readonly id: string; readonly time: string }): Promise<void> {
    await this.#page.goto(`/events?ev=${encodeURIComponent(`${event.id}@${event.time}`)}`);
    await this.panel.getByRole('heading', { name: 'Kubernetes' }).waitFor();
  }

  /** Value of one line of the panel's Kubernetes block. */
  fact(name: string): Locator {
    const line = this.panel.getByText(name, { exact: true }).first();
    return line.locator('xpath=following-sibling::dd');
  }

  action(name: string | RegExp): Locator {
    return this.panel.getByRole('button', { name });
  }
}
