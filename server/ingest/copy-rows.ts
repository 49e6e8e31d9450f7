import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { sqlState } from '../db/unavailable.ts';
import { COPY_SQL, copyLine, copyStream, type EventRow } from './copy-text.ts';
import type { Rejection } from './parse-batch.ts';

/** SQLSTATE classes that blame a value: data exception, constraint, program limit (index entry too large). */
const VALUE_FAULT = /^(22|23|54)/;
/** No partition for the row: the caller's to repair, not the row's fault. */
const NO_PARTITION = '23514';

/**
 * COPYs events. Validation leaves nothing that PostgreSQL refuses, as far as known; should a value be
 * refused all the same, halving finds the rows to blame, so that no batch can block its stream for ever.
 */
export async function copyRows(
  client: PoolClient,
  input: {
    readonly shard: number;
    readonly clusterId: string;
    readonly agentId: string;
    readonly epoch: number;
    readonly receivedAt: Date;
    readonly rows: readonly EventRow[];
  },
): Promise<{ readonly rows: readonly EventRow[]; readonly rejected: readonly Rejection[] }> {
  const stream = copyStream(input);
  const rejected: Rejection[] = [];
  const attempt = async (rows: readonly EventRow[]): Promise<readonly EventRow[]> => {
    if (rows.length === 0) return rows;
    await client.query('SAVEPOINT copy_rows');
    try {
      await copy(client, rows.map((row) => copyLine(row, stream)).join(''));
      await client.query('RELEASE SAVEPOINT copy_rows');
      return rows;
    } catch (err) {
      const state = sqlState(err);
      if (!VALUE_FAULT.test(state) || state === NO_PARTITION) throw err;
      await client.query('ROLLBACK TO SAVEPOINT copy_rows');
      const [first] = rows;
      if (rows.length === 1 && first !== undefined) {
        rejected.push({ seq: first.seq, path: '', message: `the database refused it (${state})` });
        return [];
      }
      const middle = Math.ceil(rows.length / 2);
      return [...(await attempt(rows.slice(0, middle))), ...(await attempt(rows.slice(middle)))];
    }
  };
  return { rows: await attempt(input.rows), rejected };
}

async function copy(client: PoolClient, text: string): Promise<void> {
  const sink = client.query(copyFrom(COPY_SQL));
  await pipeline(Readable.from([Buffer.from(text)]), sink);
}
