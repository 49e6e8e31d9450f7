import type { Pool } from 'pg';
import type { Gap } from '../../core/wire/events.ts';

/** Beyond this, gaps are denser than any chart; the longest stay. */
const GAPS_MAX = 500;

/** Gaps that touch a time range, in order; one that is still open reaches to the end of the range or now. */
export async function readGaps(
  queryable: Pick<Pool, 'query'>,
  range: { readonly clusterId: string; readonly from: string; readonly to: string },
): Promise<Gap[]> {
  const found = await queryable.query<Gap & { start: Date; end: Date; count: string | null }>({
    name: 'gaps',
    text: `SELECT * FROM (
             SELECT id::text, source, node, start_at AS start,
                    CASE WHEN open THEN least($3::timestamptz, greatest(end_at, now())) ELSE end_at END AS "end",
                    cause, count, detail
               FROM gap
              WHERE cluster_id = $1 AND start_at < $3::timestamptz AND (end_at >= $2::timestamptz OR open)
              ORDER BY end_at - start_at DESC LIMIT ${GAPS_MAX}) longest
            ORDER BY start, id`,
    values: [range.clusterId, range.from, range.to],
  });
  return found.rows.map((row) => ({
    ...row,
    start: row.start.toISOString(),
    end: row.end.toISOString(),
    count: row.count === null ? null : Number(row.count),
  }));
}
