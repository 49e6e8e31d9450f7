import type { Pool } from 'pg';

/**
 * Runs work that only one replica may do at a time, while holding an advisory lock. When another replica
 * holds it the work is skipped: it is being done.
 */
export async function withJobLock(pool: Pool, lock: number, work: () => Promise<void>): Promise<boolean> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const got = await client.query<{ got: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS got', [lock]);
    const mine = got.rows[0]?.got === true;
    if (mine) await work();
    await client.query('COMMIT');
    return mine;
  } catch (err) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw err;
  } finally {
    client.release(broken);
  }
}
