import type { Download, Locator, Page } from '@playwright/test';
import type { ExportFormat } from '../../core/wire/incidents.ts';

const FORMAT_WORD: Record<ExportFormat, RegExp> = { json: /^JSON/, csv: /^CSV/, md: /^Markdown/ };

export class IncidentPage {
  readonly #page: Page;
  readonly timeline: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.timeline = page.getByRole('region', { name: 'Timeline' });
  }

  async open(id: number): Promise<void> {
    await this.#page.goto(`/incidents/${id}`);
    await this.timeline.waitFor();
  }

  lines(text?: string | RegExp): Locator {
    const lines = this.timeline.getByRole('listitem');
    return text === undefined ? lines : lines.filter({ hasText: text });
  }

  /** Ids of the timeline's lines as they stand on the screen. */
  lineIds(): Promise<string[]> {
    return this.lines().evaluateAll((lines) =>
      lines.flatMap(({ id }) => (id.startsWith('line-') ? [id.slice('line-'.length)] : [])),
    );
  }

  async download(format: ExportFormat): Promise<Download> {
    await this.#page.getByRole('button', { name: /Export/ }).click();
    const download = this.#page.waitForEvent('download');
    await this.#page.getByRole('menuitem', { name: FORMAT_WORD[format] }).click();
    return download;
  }
}
