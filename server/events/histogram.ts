import type { PoolClient } from 'pg';
import { SOURCES, type Source } from '../../core/events/event.ts';
import type { Histogram, Scope } from '../../core/wire/events.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { readOnly } from '../db/read-only.ts';
import { readGaps } from './gaps.ts';
import { examineAll } from './residual.ts';
import { splitScope } from './rollup-scope-sql.ts';
import { scopeSql, type Where } from './scope-sql.ts';
import { type Bins, timeBins } from './time-bins.ts';

/** An hour has minutes then, which the rollups answer; a day has quarters of an hour. */
const BINS_MAX = 100;
const TIMEOUT_MS = 15_000;
const MINUTE_MS = 60_000;

type Counted = { bin: number; source: Source; n: string };

/** Events per time bin and source, from the minute counts where they can answer, and the gaps beside them. */
export async function eventHistogram({ ctx, input }: { ctx: Ctx; input: Scope }): Promise<Histogram> {
  requireRole(ctx, 'viewer');
  const { clusterId } = ctx.config;
  const bins = timeBins(input, { countMax: BINS_MAX });
  const { rollup, events } =
    bins.stepMs % MINUTE_MS === 0
      ? splitScope(input, { clusterId })
      : { rollup: undefined, events: [scopeSql(input, { clusterId })] };
  return readOnly(ctx.pool, { timeoutMs: TIMEOUT_MS }, async (client) => {
    const counted = rollup === undefined ? [] : await countBins(client, bins, rollup, 'event_rollup');
    for (const scoped of events) {
      const where = await examineAll(client, scoped);
      counted.push(...(await countBins(client, bins, where, 'event')));
    }
    const gaps = await readGaps(client, { clusterId, from: input.from, to: input.to });
    return { stepMs: bins.stepMs, bins: fill(bins, counted), gaps };
  });
}

async function countBins(
  client: PoolClient,
  bins: Bins,
  where: Where,
  table: 'event' | 'event_rollup',
): Promise<Counted[]> {
  const [time, amount] = table === 'event' ? ['time', 'count(*)'] : ['minute', 'sum(count)'];
  const found = await client.query<Counted>(
    `SELECT floor((extract(epoch FROM ${time}) * 1000 - ${bins.startMs}) / ${bins.stepMs})::int AS bin,
            source, ${amount} AS n
       FROM ${table} WHERE ${where.sql} GROUP BY 1, 2`,
    [...where.params],
  );
  return found.rows;
}

function fill(bins: Bins, rows: readonly Counted[]): Histogram['bins'] {
  const out = Array.from({ length: bins.count }, (_, index) => ({
    time: new Date(bins.startMs + index * bins.stepMs).toISOString(),
    bySource: SOURCES.map(() => 0),
  }));
  for (const row of rows) {
    const place = SOURCES.indexOf(row.source);
    const bin = out[Math.max(0, Math.min(bins.count - 1, row.bin))];
    if (bin !== undefined && place >= 0) bin.bySource[place] = (bin.bySource[place] ?? 0) + Number(row.n);
  }
  return out;
}
