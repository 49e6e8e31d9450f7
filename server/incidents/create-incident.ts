import type { CreateIncident, IncidentRow } from '../../core/wire/incidents.ts';
import { appendAudit } from '../audit-trail/append.ts';
import { actorName, requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { attachEvents } from './attach-events.ts';
import { EVENT_COLUMNS } from './event-entry.ts';
import { toIncidentRow } from './incident-row.ts';

const ID = /^(\d{1,5})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Opens an incident from chosen events, under the title and priority given. Errors: not_found, bad_request. */
export async function createIncident({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'config' | 'now'>;
  readonly input: CreateIncident;
}): Promise<IncidentRow> {
  requireRole(ctx, 'responder');
  const { clusterId } = ctx.config;
  const ids = input.events.map(({ id }) => {
    const parts = ID.exec(id);
    if (parts === null) throw new AppError('bad_request', 'An event id is not of the form <shard>.<uuid>.');
    return { shard: Number(parts[1]), id: parts[2] ?? '' };
  });
  const times = input.events.map(({ time }) => Date.parse(time));
  const events = await ctx.db.event.findMany({
    where: {
      clusterId,
      shard: { in: [...new Set(ids.map(({ shard }) => shard))] },
      id: { in: ids.map(({ id }) => id) },
      // Stored times have microseconds, the ones given milliseconds.
      time: { gte: new Date(Math.min(...times) - 1), lte: new Date(Math.max(...times) + 1) },
    },
    orderBy: { time: 'asc' },
    select: EVENT_COLUMNS,
  });
  const first = events[0];
  if (first === undefined || events.length < new Set(input.events.map(({ id }) => id)).size) {
    throw new AppError('not_found', 'Some of these events do not exist, or are past their retention.', {
      reason: 'events_missing',
    });
  }
  return await ctx.db.$transaction(async (tx) => {
    const { id } = await tx.incident.create({
      data: {
        clusterId,
        title: input.title,
        priority: input.priority,
        owner: actorName(ctx.actor),
        openedAt: ctx.now(),
        firstEventAt: first.time,
        lastEventAt: first.time,
      },
    });
    const line = { incidentId: id, kind: 'opened', actor: actorName(ctx.actor), lane: 'response' };
    const summary = `opened the incident from ${events.length} ${events.length === 1 ? 'event' : 'events'}`;
    await tx.incidentEntry.createMany({
      data: [
        { ...line, time: ctx.now(), summary, dedupeKey: 'opened' },
        // Title and priority are a person's choice from the start; correlation leaves them alone.
        {
          ...line,
          kind: 'note',
          time: ctx.now(),
          summary: `named it “${input.title}”`,
          dedupeKey: 'title:first',
        },
        {
          ...line,
          kind: 'note',
          time: ctx.now(),
          summary: `set the priority to ${input.priority}`,
          dedupeKey: 'priority:first',
        },
      ],
    });
    await attachEvents(tx, id, events);
    const detail = { title: input.title, priority: input.priority, events: events.length };
    await appendAudit(tx, ctx, { verb: 'incident.create', target: `incident:${id}`, detail });
    return toIncidentRow(await tx.incident.findUniqueOrThrow({ where: { id } }));
  });
}
