import type { ActingUser } from '../../core/incident/acting-user.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { StoredEvent } from './event-entry.ts';

/** The part of an acting user that a line of an incident keeps. */
export type LineUser = Pick<ActingUser, 'user' | 'confidence' | 'audit'>;

/** Writes into the lines of these events who ran them; undefined takes it out again. */
export async function labelLines(
  tx: Prisma.TransactionClient,
  eventIds: readonly string[],
  user: LineUser | undefined,
): Promise<void> {
  const data =
    user === undefined
      ? Prisma.sql`coalesce(data, '{}') - 'actingUser'`
      : Prisma.sql`coalesce(data, '{}') || ${JSON.stringify({ actingUser: { ...user } })}::jsonb`;
  await tx.$executeRaw`UPDATE incident_entry SET data = ${data} WHERE event_id = ANY(${eventIds}::uuid[])`;
}

/** Lines are copies of events: what those know of their user by now goes with them. */
export async function copyUsers(tx: Prisma.TransactionClient, events: readonly StoredEvent[]): Promise<void> {
  const mine = events.filter(({ source }) => source === 'syscall');
  if (mine.length === 0) return;
  const times = mine.map(({ time }) => time.getTime());
  const rows = await tx.$queryRaw<(LineUser & { readonly ids: string[] })[]>`
    SELECT fields->>'k8s.user' AS user, fields->>'k8s.user.confidence' AS confidence,
           fields->>'k8s.user.audit' AS audit, array_agg(id::text) AS ids
      FROM event
     WHERE time >= ${new Date(Math.min(...times))} AND time < ${new Date(Math.max(...times) + 1)}
       AND id = ANY(${mine.map(({ id }) => id)}::uuid[]) AND fields->>'k8s.user' IS NOT NULL
     GROUP BY 1, 2, 3`;
  for (const { ids, user, confidence, audit } of rows) await labelLines(tx, ids, { user, confidence, audit });
}
