import type { Pool, PoolClient } from 'pg';
import { AppError } from '../errors.ts';
import { asUnavailable, sqlState } from './unavailable.ts';

const CANCELED = '57014';

/**
 * Runs reads on one connection, in a transaction that can write nothing and in which each statement has a
 * time limit. Errors: unavailable `query_timeout` when a statement takes longer.
 */
export async function readOnly<T>(
  pool: Pool,
  options: { readonly timeoutMs: number },
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (err) {
    throw asUnavailable(err);
  }
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.floor(options.timeoutMs)}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (err) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    if (sqlState(err) !== CANCELED) throw asUnavailable(err);
    throw new AppError(
      'unavailable',
      'The query takes too long. Choose a shorter time range or a narrower filter.',
      {
        reason: 'query_timeout',
        cause: err,
      },
    );
  } finally {
    client.release(broken);
  }
}

/** Runs a read that may take too long inside `readOnly`; undefined when its own limit cut it off. */
export async function tryWithin<T>(
  client: PoolClient,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  await client.query(`SAVEPOINT within; SET LOCAL statement_timeout = ${Math.floor(timeoutMs)}`);
  try {
    const result = await work();
    await client.query('RELEASE SAVEPOINT within');
    return result;
  } catch (err) {
    if (sqlState(err) !== CANCELED) throw err;
    await client.query('ROLLBACK TO SAVEPOINT within');
    return undefined;
  }
}
