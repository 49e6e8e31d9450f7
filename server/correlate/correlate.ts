import { joinsIncident, opensIncident, WINDOW_MS } from '../../core/incident/correlated-event.ts';
import { incidentKeys, joinKeys } from '../../core/incident/correlation-key.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { attachEvents } from '../incidents/attach-events.ts';
import { type StoredEvent, toCorrelated } from '../incidents/event-entry.ts';
import { findIncident } from './find-incident.ts';
import { lookAround } from './look-around.ts';
import { nameActingUsers } from './name-acting-users.ts';
import { readNew } from './read-new.ts';

const LOCK = 72_707_403;
const CURSOR_KEY = 'correlate_cursor';
const FIRST_BACK_MS = 24 * 3600_000;
const TX_MS = 60_000;

export type PassResult = {
  readonly ran: boolean;
  readonly opened: number;
  readonly joined: number;
  readonly more: boolean;
};

/**
 * One pass: everything that arrived since the cursor goes into the incident of its entities, or opens
 * one. A row may become visible after a later one; so each pass reads `overlapMs` again, and what an
 * incident holds already is left out. Only one replica runs at a time; `ran` is false for the others.
 */
export async function correlateOnce(ctx: Ctx, options: { readonly overlapMs: number }): Promise<PassResult> {
  const { clusterId } = ctx.config;
  return await ctx.db.$transaction(
    async (tx) => {
      const [lock] = await tx.$queryRaw<{ got: boolean }[]>`SELECT pg_try_advisory_xact_lock(${LOCK}) AS got`;
      if (lock?.got !== true) return { ran: false, opened: 0, joined: 0, more: false };
      const now = ctx.now();
      const cursor = await readCursor(tx, clusterId);
      const since =
        cursor === undefined ? now.getTime() - FIRST_BACK_MS : cursor.getTime() - options.overlapMs;
      const anyOpen = (await tx.incident.count({ where: { clusterId, status: 'open' }, take: 1 })) > 0;
      const { events, upTo, more } = await readNew(tx, { clusterId, since: new Date(since), now, anyOpen });
      await nameActingUsers(tx, { clusterId, since: new Date(since), now: upTo });
      const result = await place(tx, ctx, await withoutKnown(tx, events));
      await writeCursor(tx, clusterId, upTo);
      return { ran: true, ...result, more };
    },
    { timeout: TX_MS, maxWait: TX_MS },
  );
}

type Route = { readonly id: number; lastMs: number };

async function place(
  tx: Prisma.TransactionClient,
  ctx: Ctx,
  events: readonly StoredEvent[],
): Promise<{ readonly opened: number; readonly joined: number }> {
  const { clusterId } = ctx.config;
  const taken = new Set<string>();
  const waiting = new Map<number, StoredEvent[]>();
  // What this pass knows of incidents; the lines that wait are not in the database yet.
  const routes = new Map<string, Route>();
  const homeless = new Set<string>();
  const learn = (route: Route, from: readonly StoredEvent[]) => {
    for (const event of from) for (const key of incidentKeys(toCorrelated(event))) routes.set(key, route);
  };
  let opened = 0;
  let joined = 0;
  for (const event of events) {
    const seen = toCorrelated(event);
    if (taken.has(event.id) || !joinsIncident(seen)) continue;
    const timeMs = event.time.getTime();
    const keys = joinKeys(seen);
    let route = keys
      .map((key) => routes.get(key))
      .find((known) => known !== undefined && timeMs - known.lastMs <= WINDOW_MS);
    if (route === undefined) {
      const opens = opensIncident(seen);
      const allKeys = keys.join(' ');
      if (!opens && homeless.has(allKeys)) continue;
      const id = await findIncident(tx, clusterId, event);
      if (id !== undefined) route = { id, lastMs: timeMs };
      else if (opens) {
        const around = await withoutKnown(tx, await lookAround(tx, { clusterId, opening: event }));
        for (const row of around) taken.add(row.id);
        const made = await open(tx, ctx, event, around);
        route = { id: made.id, lastMs: timeMs };
        learn(route, around);
        joined += made.count;
        opened += 1;
      } else {
        homeless.add(allKeys);
        continue;
      }
    }
    route.lastMs = Math.max(route.lastMs, timeMs);
    if (taken.has(event.id)) continue;
    learn(route, [event]);
    push(waiting, route.id, event);
  }
  for (const [id, list] of waiting) joined += await attachEvents(tx, id, list);
  return { opened, joined };
}

async function open(
  tx: Prisma.TransactionClient,
  ctx: Ctx,
  event: StoredEvent,
  events: readonly StoredEvent[],
): Promise<{ readonly id: number; readonly count: number }> {
  const { id } = await tx.incident.create({
    data: {
      clusterId: ctx.config.clusterId,
      title: event.summary.slice(0, 200),
      priority: event.priority,
      openedAt: ctx.now(),
      firstEventAt: event.time,
      lastEventAt: event.time,
      correlationKey: joinKeys(toCorrelated(event))[0] ?? null,
    },
  });
  await tx.incidentEntry.create({
    data: {
      incidentId: id,
      time: ctx.now(),
      kind: 'opened',
      actor: 'Eyrie',
      summary: `opened the incident because of the rule “${event.rule}”`,
      lane: 'response',
      dedupeKey: 'opened',
    },
  });
  const count = await attachEvents(tx, id, events);
  await appendAudit(tx, ctx, {
    verb: 'incident.open',
    target: `incident:${id}`,
    detail: { rule: event.rule, event: `${event.shard}.${event.id}` },
  });
  return { id, count };
}

/** Leaves out events that stand in an incident already: one event belongs to one incident. */
async function withoutKnown(
  tx: Prisma.TransactionClient,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  if (events.length === 0) return [];
  const known = await tx.incidentEntry.findMany({
    where: { eventId: { in: events.map((event) => event.id) } },
    select: { eventId: true },
  });
  const ids = new Set(known.map(({ eventId }) => eventId));
  return events.filter((event) => !ids.has(event.id));
}

async function readCursor(tx: Prisma.TransactionClient, clusterId: string): Promise<Date | undefined> {
  const row = await tx.setting.findUnique({ where: { key: `${CURSOR_KEY}:${clusterId}` } });
  return typeof row?.value === 'string' ? new Date(row.value) : undefined;
}

async function writeCursor(tx: Prisma.TransactionClient, clusterId: string, at: Date): Promise<void> {
  const key = `${CURSOR_KEY}:${clusterId}`;
  const value = at.toISOString();
  await tx.setting.upsert({ where: { key }, create: { key, value }, update: { value } });
}

function push(lists: Map<number, StoredEvent[]>, id: number, event: StoredEvent): void {
  const list = lists.get(id);
  if (list === undefined) lists.set(id, [event]);
  else list.push(event);
}
