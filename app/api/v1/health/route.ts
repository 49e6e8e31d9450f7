import { getRuntime } from '../../../../server/runtime.ts';

export const dynamic = 'force-dynamic';

/** For load balancers and the launcher: 200 while the database answers, else 503. Says nothing else. */
export async function GET(): Promise<Response> {
  try {
    const { pool } = await getRuntime();
    await pool.query('SELECT 1');
    return Response.json({ status: 'ok' });
  } catch {
    return Response.json({ status: 'unavailable' }, { status: 503 });
  }
}
