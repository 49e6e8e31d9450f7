import type { GapRecord, Source } from '../../core/events/event.ts';
import { gapLine, lineHead } from './item.ts';

type Loss = { count: number; startNs: bigint; endNs: bigint };

/** Gap lines of at most 1.5 KB each go into one frame together with an ordinary run of lines. */
const CARRIED_MAX = 1_000;

/**
 * Adds up lines that the spool had to give up, until they can be written down as gaps. Gaps among them are
 * carried over, so what they say is not lost with them.
 */
export class Losses {
  readonly #bySource = new Map<Source, Loss>();
  #carried: string[] = [];

  add(lines: readonly string[]): void {
    for (const line of lines) {
      const head = lineHead(line);
      if (head?.kind === 'event') {
        this.#merge(head.source, { count: 1, startNs: head.timeNs, endNs: head.timeNs });
      } else if (head?.kind === 'gap') {
        // Written by gapLine, under the frame's checksum where it comes from disk.
        this.#addGap(JSON.parse(line) as GapRecord);
      }
    }
    if (this.#carried.length > CARRIED_MAX) this.#carried.splice(0, this.#carried.length - CARRIED_MAX);
  }

  /** Gap lines for everything added since the last clear(). */
  lines(node: string | undefined): string[] {
    const gaps = [...this.#bySource].map(([source, { count, startNs, endNs }]) =>
      gapLine({
        source,
        node,
        startNs: String(startNs),
        endNs: String(endNs),
        cause: 'spool_full',
        count,
        detail: 'the spool or its disk was full',
      }),
    );
    return [...this.#carried, ...gaps];
  }

  get isEmpty(): boolean {
    return this.#bySource.size === 0 && this.#carried.length === 0;
  }

  clear(): void {
    this.#bySource.clear();
    this.#carried = [];
  }

  #addGap(gap: GapRecord): void {
    if (gap.cause !== 'spool_full') {
      this.#carried.push(gapLine(gap));
      return;
    }
    const { source, count = 0, startNs, endNs } = gap;
    this.#merge(source, { count, startNs: BigInt(startNs), endNs: BigInt(endNs) });
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
