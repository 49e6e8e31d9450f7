import type { GapRecord, Source } from '../../core/events/event.ts';
import type { LineHead } from './item.ts';

type Loss = { count: number; startNs: bigint; endNs: bigint };

/** Adds up lost events by source until they can be written down as gaps: nothing is lost uncounted. */
export class Losses {
  readonly #bySource = new Map<Source, Loss>();

  add({ source, timeNs }: LineHead): void {
    this.#merge(source, { count: 1, startNs: timeNs, endNs: timeNs });
  }

  /** Takes up a gap that is itself about to be lost. */
  addGap(gap: GapRecord): void {
    this.#merge(gap.source, {
      count: gap.count ?? 0,
      startNs: BigInt(gap.startNs),
      endNs: BigInt(gap.endNs),
    });
  }

  gaps(cause: GapRecord['cause'], node: string | undefined, detail: string): GapRecord[] {
    return [...this.#bySource].map(([source, { count, startNs, endNs }]) => ({
      source,
      node,
      startNs: String(startNs),
      endNs: String(endNs),
      cause,
      count,
      detail,
    }));
  }

  clear(): void {
    this.#bySource.clear();
  }

  #merge(source: Source, added: Loss): void {
    const loss = this.#bySource.get(source);
    if (loss === undefined) {
      this.#bySource.set(source, added);
      return;
    }
    loss.count += added.count;
    if (added.startNs < loss.startNs) loss.startNs = added.startNs;
    if (added.endNs > loss.endNs) loss.endNs = added.endNs;
  }
}
