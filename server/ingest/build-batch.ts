import type { IngestItem } from '../../core/wire/ingest.ts';
import { canaryTriggerOf, plainCanary } from './canary-row.ts';
import type { EventRow } from './copy-text.ts';
import { auditEventId, streamEventId } from './event-id.ts';
import type { NewGap } from './gap-rows.ts';
import type { ParsedBatch, Rejection } from './parse-batch.ts';
import type { Batch } from './store-batch.ts';

/** A clock that runs ahead by more than this would write partitions of the future and hide at the top of lists. */
const FUTURE_MS_MAX = 10 * 60_000;
const DAY_MS = 24 * 3600 * 1000;

/** Sorts a parsed batch into what is stored where; times that cannot be kept become rejections. */
export function buildBatch(
  parsed: ParsedBatch,
  at: {
    readonly shard: number;
    readonly clusterId: string;
    readonly now: Date;
    readonly retentionDays: number;
  },
): Batch {
  const { header } = parsed;
  const rows: EventRow[] = [];
  const gaps: NewGap[] = [];
  const fills: Batch['fills'][number][] = [];
  const canaries: { seq: number; triggeredMs: number }[] = [];
  const rejected: Rejection[] = [...parsed.rejected];
  const streamId = streamEventId(header.agentId, header.epoch);
  const limits = {
    newest: at.now.getTime() + FUTURE_MS_MAX,
    oldest: at.now.getTime() - at.retentionDays * DAY_MS,
  };
  for (const { seq, item } of parsed.items) {
    const fault = timeFault(item, limits);
    if (fault !== undefined) rejected.push({ seq, ...fault });
    else if (item.k === 'event') {
      const row = { seq, id: auditEventId(item) ?? streamId(seq), item, timeMs: milliseconds(item.timeNs) };
      const triggeredMs = canaryTriggerOf(row);
      if (triggeredMs !== undefined) canaries.push({ seq, triggeredMs });
      rows.push(triggeredMs === undefined ? row : plainCanary(row));
    } else if (item.k === 'fill') fills.push({ seq, item });
    else {
      gaps.push({
        seq,
        source: item.source,
        node: item.node,
        start: new Date(milliseconds(item.startNs)),
        end: new Date(milliseconds(item.endNs)),
        cause: item.cause,
        count: item.count,
        detail: item.detail,
      });
    }
  }
  rejected.sort((a, b) => a.seq - b.seq);
  const { shard, clusterId } = at;
  const { agentId, epoch, firstSeq } = header;
  const droppedThrough = header.droppedThrough ?? 0;
  const { lastSeq } = parsed;
  const stream = { shard, clusterId, agentId, epoch, firstSeq, lastSeq, droppedThrough };
  return { ...stream, rows, gaps, fills, rejected, canaries };
}

function timeFault(item: IngestItem, limits: { newest: number; oldest: number }) {
  if (item.k === 'fill') return undefined;
  const path = item.k === 'event' ? 'timeNs' : 'endNs';
  const time = milliseconds(item.k === 'event' ? item.timeNs : item.endNs);
  if (time > limits.newest) {
    return { path, message: `${new Date(time).toISOString()} is more than 10 minutes in the future` };
  }
  if (time < limits.oldest)
    return { path, message: `${new Date(time).toISOString()} is older than the retention` };
  return undefined;
}

function milliseconds(ns: string): number {
  return Number(ns.slice(0, -6));
}
