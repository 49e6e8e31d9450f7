import type { PoolClient } from 'pg';
import { z } from 'zod';

/** How far learning has come. */
export type Cursor = {
  /** Arrival of the last connection that was read. */
  readonly upTo: Date;
  /** When learning began; what arrived before is history and never an anomaly. */
  readonly tellFrom: Date;
  /** When rates were last computed. */
  readonly ratesAt: Date;
};

const FIRST_BACK_MS = 7 * 24 * 3600_000;
const cursorSchema = z.object({ upTo: z.coerce.date(), tellFrom: z.coerce.date(), ratesAt: z.coerce.date() });

/** Reads the cursor and holds it until the transaction ends, so that no second reader reads the same page. */
export async function lockCursor(client: PoolClient, clusterId: string, now: Date): Promise<Cursor> {
  const first: Cursor = {
    upTo: new Date(now.getTime() - FIRST_BACK_MS),
    tellFrom: now,
    ratesAt: new Date(0),
  };
  await client.query(
    'INSERT INTO setting (key, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING',
    [keyOf(clusterId), JSON.stringify(first), now],
  );
  const found = await client.query<{ value: unknown }>(
    'SELECT value FROM setting WHERE key = $1 FOR UPDATE',
    [keyOf(clusterId)],
  );
  const read = cursorSchema.safeParse(found.rows[0]?.value);
  return read.success ? read.data : first;
}

export async function writeCursor(client: PoolClient, clusterId: string, cursor: Cursor): Promise<void> {
  await client.query('UPDATE setting SET value = $2 WHERE key = $1', [
    keyOf(clusterId),
    JSON.stringify(cursor),
  ]);
}

/** When the oldest connection that was not read yet can have arrived; undefined before the first run. */
export async function readPosition(
  client: Pick<PoolClient, 'query'>,
  clusterId: string,
): Promise<Date | undefined> {
  const found = await client.query<{ value: unknown }>('SELECT value FROM setting WHERE key = $1', [
    keyOf(clusterId),
  ]);
  const read = cursorSchema.safeParse(found.rows[0]?.value);
  return read.success ? read.data.upTo : undefined;
}

function keyOf(clusterId: string): string {
  return `baselines:${clusterId}`;
}
