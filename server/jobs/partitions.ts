import type { Pool } from 'pg';

const DAY_MS = 24 * 3600 * 1000;
/** Advisory lock under which replicas create and drop partitions one at a time. */
export const PARTITION_LOCK = 72_070_001;
/** Days created before they begin; three nights of a stopped job cost nothing. */
export const DAYS_AHEAD = 3;

/** Number of the UTC day that holds the time. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/** `event_20261121` for a day number. */
export function partitionName(day: number): string {
  return `event_${dayText(day).replaceAll('-', '')}`;
}

/**
 * Creates the partitions of these days where they are missing; safe while other transactions write.
 * A partition is built apart and attached, which waits for nobody (docs/store.md, rule 9).
 */
export async function ensurePartitions(pool: Pool, days: Iterable<number>): Promise<void> {
  const wanted = [...new Set(days)].sort((a, b) => a - b);
  const client = await pool.connect();
  try {
    const missing = await findMissing(client, wanted);
    if (missing.length === 0) return;
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    // Another replica may have been faster while this one waited for the lock.
    for (const day of await findMissing(client, missing)) {
      const name = partitionName(day);
      await client.query(`CREATE TABLE ${name} (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
      await client.query(
        `ALTER TABLE event ATTACH PARTITION ${name} FOR VALUES FROM ('${dayText(day)}T00:00:00Z') TO ('${dayText(
          day + 1,
        )}T00:00:00Z')`,
      );
    }
    await client.query('COMMIT');
  } catch (err) {
    await client.query('ROLLBACK').catch(() => {});
    throw err;
  } finally {
    client.release();
  }
}

/** Removes partitions that lie wholly before the time; returns their names. Errors: lock timeout, try later. */
export async function dropPartitionsBefore(pool: Pool, timeMs: number): Promise<readonly string[]> {
  const limit = partitionName(dayOf(timeMs));
  const names = (await partitionNames(pool)).filter((name) => name < limit);
  const dropped: string[] = [];
  for (const name of names) {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      // Detaching waits for readers; a short wait keeps writers from queueing behind this one.
      await client.query("SET LOCAL lock_timeout = '2s'");
      await client.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      await client.query(`ALTER TABLE event DETACH PARTITION ${name}`);
      await client.query(`DROP TABLE ${name}`);
      await client.query('COMMIT');
      dropped.push(name);
    } catch (err) {
      await client.query('ROLLBACK').catch(() => {});
      throw err;
    } finally {
      client.release();
    }
  }
  return dropped;
}

/** Names of the attached partitions, oldest first. */
export async function partitionNames(pool: Pick<Pool, 'query'>): Promise<readonly string[]> {
  const found = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'event'::regclass AND c.relname ~ '^event_[0-9]{8}$' ORDER BY c.relname`,
  );
  return found.rows.map(({ name }) => name);
}

async function findMissing(client: Pick<Pool, 'query'>, days: readonly number[]): Promise<readonly number[]> {
  const present = new Set(await partitionNames(client));
  return days.filter((day) => !present.has(partitionName(day)));
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
