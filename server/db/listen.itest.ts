import { EventEmitter, once } from 'node:events';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bus } from '../runtime.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { startListener } from './listen.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

async function listening(): Promise<number> {
  for (;;) {
    const found = await test.pool.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'eyrie-listen' AND query = 'LISTEN eyrie'
          AND state = 'idle' AND datname = current_database()`,
    );
    if (found.rows[0] !== undefined) return found.rows[0].pid;
  }
}

it('hands notifications to the bus, reconnects when the connection is lost, and asks for a resync', async () => {
  const bus: Bus = new EventEmitter();
  const stop = startListener({ url: test.url, bus, log: pino({ level: 'silent' }) });
  try {
    const pid = await listening();
    const message = once(bus, 'message');
    await test.pool.query(`SELECT pg_notify('eyrie', 'not json')`);
    await test.pool.query(`SELECT pg_notify('eyrie', '{"t":"incident","id":7}')`);
    expect(await message).toEqual([{ t: 'incident', id: 7 }]);

    const resync = once(bus, 'resync');
    await test.pool.query('SELECT pg_terminate_backend($1)', [pid]);
    await resync;
    const again = once(bus, 'message');
    await test.pool.query(`SELECT pg_notify('eyrie', '{"t":"agents"}')`);
    expect(await again).toEqual([{ t: 'agents' }]);
  } finally {
    await stop();
  }
});
