import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.ts';

export type Databases = {
  readonly db: PrismaClient;
  readonly pool: pg.Pool;
  readonly close: () => Promise<void>;
};

/**
 * Opens the ordinary client and the pool for hand SQL (ingest, event reads) on one database.
 * Both are bounded, so that one server never takes more than `2 * max` connections, plus one to listen.
 */
export function openDatabases(url: string, options: { readonly max: number }): Databases {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    connectionTimeoutMillis: 5_000,
    application_name: 'eyrie',
  });
  // An idle connection that the server closes (restart, failover) emits here; the next query reconnects.
  pool.on('error', () => {});
  const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: options.max }) });
  return {
    db,
    pool,
    close: async () => {
      await db.$disconnect();
      await pool.end();
    },
  };
}
