import { type IngestItem, ingestItemSchema } from '../../../core/wire/ingest.ts';
import type { Spool } from '../../spool/spool.ts';

/** Everything that a spool holds, each line checked against the contract of the wire. */
export function spooledItems(spool: Spool): IngestItem[] {
  const found: IngestItem[] = [];
  let after = { epoch: 0, seq: 0 };
  for (;;) {
    const batch = spool.read(after, 100_000_000);
    if (batch === undefined) return found;
    const lines = batch.lines.toString().trimEnd().split('\n');
    found.push(...lines.map((text) => ingestItemSchema.parse(JSON.parse(text))));
    after = { epoch: batch.epoch, seq: batch.firstSeq + batch.count - 1 };
  }
}
