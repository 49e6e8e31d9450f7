import type { PoolClient } from 'pg';
import type { GapRecord } from '../../core/events/event.ts';

export type NewGap = {
  readonly source: GapRecord['source'];
  readonly node?: string | undefined;
  readonly start: Date;
  readonly end: Date;
  readonly cause: GapRecord['cause'];
  readonly count?: number | undefined;
  readonly detail?: string | undefined;
  readonly seq: number;
};

/** Stores gaps of one stream; a gap that is already there (same agent, epoch, seq, cause) stays as it is. */
export async function storeGaps(
  client: PoolClient,
  stream: { readonly clusterId: string; readonly agentId: string; readonly epoch: number },
  gaps: readonly NewGap[],
): Promise<void> {
  if (gaps.length === 0) return;
  const column = <T>(pick: (gap: NewGap) => T) => gaps.map(pick);
  await client.query({
    name: 'gap-insert',
    text: `INSERT INTO gap (cluster_id, agent_id, epoch, source, node, start_at, end_at, cause, count, detail, seq)
           SELECT $1, $2::uuid, $3::bigint, g.*
             FROM unnest($4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::bigint[],
                         $10::text[], $11::bigint[]) AS g
           ON CONFLICT (agent_id, epoch, seq, cause) DO NOTHING`,
    values: [
      stream.clusterId,
      stream.agentId,
      stream.epoch,
      column((gap) => gap.source),
      column((gap) => gap.node ?? null),
      column((gap) => gap.start),
      column((gap) => gap.end),
      column((gap) => gap.cause),
      column((gap) => gap.count ?? null),
      column((gap) => gap.detail ?? null),
      column((gap) => gap.seq),
    ],
  });
}
