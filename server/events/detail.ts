import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { EventDetail, EventRow } from '../../core/wire/events.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { readOnly } from '../db/read-only.ts';
import { AppError } from '../errors.ts';
import { readAncestry } from './ancestry.ts';
import { type FullEvent, ROW_COLUMNS } from './event-row.ts';
import { readNetwork, readRelated } from './surroundings.ts';

export const eventKeySchema = z.object({
  id: z.string().regex(/^\d{1,5}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  time: z.iso.datetime(),
});
export type EventKey = z.output<typeof eventKeySchema>;

const TIMEOUT_MS = 10_000;

/** One event with its process tree, connections, neighbours and incident. Errors: not_found. */
export async function eventDetail({ ctx, input }: { ctx: Ctx; input: EventKey }): Promise<EventDetail> {
  requireRole(ctx, 'viewer');
  return readOnly(ctx.pool, { timeoutMs: TIMEOUT_MS }, async (client) => {
    const event = await readEvent(client, input);
    const around = { clusterId: ctx.config.clusterId, event };
    return {
      row: event.row,
      output: event.output,
      image: event.image,
      podUid: event.podUid,
      serviceAccount: event.serviceAccount,
      enrichment: event.enrichment,
      agentId: event.agentId,
      receivedAt: event.receivedAt.toISOString(),
      fields: event.fields as EventDetail['fields'],
      raw: event.raw,
      ancestry: await readAncestry(client, around),
      network: await readNetwork(client, around),
      related: await readRelated(client, around),
      incident: await readIncident(client, input),
    };
  });
}

async function readEvent(client: PoolClient, key: EventKey): Promise<FullEvent> {
  const [shard, id] = splitId(key.id);
  const found = await client.query<EventRow & Omit<FullEvent, 'row'>>(
    `SELECT ${ROW_COLUMNS}, output, image, pod_uid AS "podUid", service_account AS "serviceAccount", enrichment,
            agent_id AS "agentId", received_at AS "receivedAt", fields, raw
       FROM event WHERE shard = $1 AND event.time = $2::timestamptz AND event.id = $3`,
    [shard, key.time, id],
  );
  const first = found.rows[0];
  if (first === undefined) {
    throw new AppError('not_found', 'This event is not stored. The retention may have removed it.');
  }
  const { output, image, podUid, serviceAccount, enrichment, agentId, receivedAt, fields, raw, ...row } =
    first;
  return { row, output, image, podUid, serviceAccount, enrichment, agentId, receivedAt, fields, raw };
}

async function readIncident(client: PoolClient, key: EventKey): Promise<EventDetail['incident']> {
  const [, id] = splitId(key.id);
  const found = await client.query<{ id: number; title: string }>(
    `SELECT i.id, i.title FROM incident_entry e JOIN incident i ON i.id = e.incident_id
      WHERE e.event_id = $1 ORDER BY i.id DESC LIMIT 1`,
    [id],
  );
  return found.rows[0] ?? null;
}

function splitId(id: string): readonly [number, string] {
  const dot = id.indexOf('.');
  return [Number(id.slice(0, dot)), id.slice(dot + 1)];
}
