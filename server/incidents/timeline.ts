import { mergeTimeline } from '../../core/incident/collapse.ts';
import type { Gap } from '../../core/wire/events.ts';
import { ENTRY_KINDS, type TimelineEntry } from '../../core/wire/incidents.ts';
import type { Incident, IncidentEntry } from '../../prisma/generated/client.ts';
import { whyNotUndoable } from '../actions/action-row.ts';
import type { Ctx } from '../context.ts';
import { readGaps } from '../events/gaps.ts';
import type { LineUser } from './acting-user-lines.ts';
import { EVENTS_MAX } from './attach-events.ts';

/** Events and everything people wrote; only events are many. */
const ENTRIES_MAX = EVENTS_MAX * 2;

/** The merged timeline of an incident, oldest first, with the gaps that fall into it. */
export async function readTimeline(
  ctx: Pick<Ctx, 'db' | 'pool' | 'now'>,
  incident: Incident,
): Promise<{ readonly timeline: readonly TimelineEntry[]; readonly gaps: readonly Gap[] }> {
  const until = incident.closedAt ?? ctx.now();
  const [entries, actions, gaps] = await Promise.all([
    ctx.db.incidentEntry.findMany({
      where: { incidentId: incident.id },
      orderBy: [{ time: 'asc' }, { id: 'asc' }],
      take: ENTRIES_MAX,
    }),
    ctx.db.action.findMany({ where: { incidentId: incident.id }, take: ENTRIES_MAX }),
    readGaps(ctx.pool, {
      clusterId: incident.clusterId,
      from: incident.firstEventAt.toISOString(),
      to: until.toISOString(),
    }),
  ]);
  const undoable = new Set(actions.filter((action) => whyNotUndoable(action) === null).map(({ id }) => id));
  return {
    timeline: mergeTimeline([entries.map((entry) => toTimelineEntry(entry, undoable)), gaps.map(gapLine)]),
    gaps,
  };
}

function toTimelineEntry(entry: IncidentEntry, undoable: ReadonlySet<string>): TimelineEntry {
  const { actingUser } = (entry.data ?? {}) as { readonly actingUser?: LineUser };
  return {
    ...(actingUser !== undefined && { actingUser }),
    id: String(entry.id),
    time: entry.time.toISOString(),
    kind: ENTRY_KINDS.find((kind) => kind === entry.kind) ?? 'note',
    actor: entry.actor,
    source: entry.source,
    priority: entry.priority,
    rule: entry.rule,
    summary: entry.summary,
    lane: entry.lane,
    namespace: entry.namespace,
    pod: entry.pod,
    node: entry.node,
    user: entry.user,
    process: entry.process,
    object: entry.object,
    outcome: entry.outcome,
    eventId: entry.eventId === null ? null : `${entry.eventShard ?? 0}.${entry.eventId}`,
    actionId: entry.actionId,
    // One line per action offers its undo: the one that says it was done.
    undoable: entry.actionId !== null && entry.dedupeKey.endsWith(':applied') && undoable.has(entry.actionId),
    count: entry.count,
  };
}

function gapLine(gap: Gap): TimelineEntry {
  const lost = gap.count === null ? '' : `, ${gap.count} events lost`;
  return {
    id: `gap:${gap.id}`,
    time: gap.start,
    kind: 'gap',
    actor: null,
    source: gap.source,
    priority: null,
    rule: null,
    summary: `Not observed until ${gap.end}: ${gap.cause}${lost}`,
    lane: gap.node === null ? gap.source : `node:${gap.node}`,
    namespace: null,
    pod: null,
    node: gap.node,
    user: null,
    process: null,
    object: null,
    outcome: null,
    eventId: null,
    actionId: null,
    undoable: false,
    count: 1,
  };
}
